//! What grids are made of.

/// What a grid holds at each place: a number or a colour.
pub(crate) trait Value: Copy + Send + Sync + Default {
    /// `self + weight · other`.
    fn plus(self, weight: f32, other: Self) -> Self;

    /// Values as the numbers they are made of: over those, a compiler makes loops of several steps at once.
    fn numbers(values: &[Self]) -> &[f32];

    /// The same, to change.
    fn numbers_mut(values: &mut [Self]) -> &mut [f32];
}

impl Value for f32 {
    fn plus(self, weight: f32, other: Self) -> Self {
        self + weight * other
    }

    fn numbers(values: &[Self]) -> &[f32] {
        values
    }

    fn numbers_mut(values: &mut [Self]) -> &mut [f32] {
        values
    }
}

impl<const N: usize> Value for [f32; N]
where
    Self: Default,
{
    fn plus(self, weight: f32, other: Self) -> Self {
        std::array::from_fn(|c| self[c] + weight * other[c])
    }

    fn numbers(values: &[Self]) -> &[f32] {
        values.as_flattened()
    }

    fn numbers_mut(values: &mut [Self]) -> &mut [f32] {
        values.as_flattened_mut()
    }
}
