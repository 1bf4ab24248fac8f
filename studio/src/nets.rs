//! The nets, embedded in the program, and what goes into and comes out of them.

use rayon::prelude::*;
use rten::{Model, ModelOptions, ValueOrView, op_registry};
use rten_tensor::{NdTensor, Tensor, prelude::*};

use crate::{Error, grid::Colour, packed::unpack};

/// One net and the names of its outputs.
pub(crate) struct Net {
    model: Model,
}

impl Net {
    /// Reads packed weights. Only what our nets consist of is in the program, of all that nets can.
    fn load(weights: &[u8]) -> Result<Self, Error> {
        let failed = |cause: &dyn std::fmt::Display| Error::Net(cause.to_string());
        let known = op_registry!(
            Add,
            Cast,
            Concat,
            Conv,
            ConvTranspose,
            DepthToSpace,
            Gather,
            GlobalAveragePool,
            HardSigmoid,
            Identity,
            MaxPool,
            Mul,
            PRelu,
            Pad,
            Relu,
            Reshape,
            Resize,
            Shape,
            Sigmoid,
            Slice,
            Transpose,
            Unsqueeze
        );
        let plain = unpack(weights).map_err(|cause| failed(&cause))?;
        let model = ModelOptions::with_ops(known).load(plain).map_err(|cause| failed(&cause))?;
        Ok(Self { model })
    }

    /// What the net says of a picture, whose values are taken through `prepare` first: by name, as plain numbers.
    pub(crate) fn run<const N: usize>(
        &self,
        picture: &Colour,
        prepare: impl Fn(usize, f32) -> f32,
        outputs: [&str; N],
    ) -> Result<[Vec<f32>; N], Error> {
        let (width, height) = (picture.width(), picture.height());
        let planes: Vec<f32> = (0..3)
            .flat_map(|channel| picture.values().iter().map(move |pixel| (channel, pixel[channel])))
            .map(|(channel, value)| prepare(channel, value))
            .collect();
        let failed = |cause: &dyn std::fmt::Display| Error::Net(cause.to_string());
        let input = NdTensor::<f32, 4>::from_data([1, 3, height, width], planes);
        let into = *self.model.input_ids().first().ok_or_else(|| failed(&"a net without an input"))?;
        let mut wanted = [into; N];
        for (id, name) in wanted.iter_mut().zip(outputs) {
            *id = self.model.node_id(name).map_err(|cause| failed(&cause))?;
        }
        let answers = self
            .model
            .run_n(vec![(into, ValueOrView::from(input.view()))], wanted, None)
            .map_err(|cause| failed(&cause))?;
        let mut read = std::array::from_fn(|_| Vec::new());
        for (into, answer) in read.iter_mut().zip(answers) {
            let tensor: Tensor<f32> = answer.try_into().map_err(|_| failed(&"an output that holds no floats"))?;
            *into = tensor.to_vec();
        }
        Ok(read)
    }
}

/// All of them. `assets/LICENSES.md` says where they come from.
pub(crate) struct Nets {
    /// Faces that fill much of a picture.
    pub(crate) near: Net,
    /// Faces of any size.
    pub(crate) far: Net,
    /// 468 points of a face.
    pub(crate) mesh: Net,
    /// People, as a coarse mask.
    pub(crate) person: Net,
    /// What stands out, as a fine mask.
    pub(crate) matte: Net,
}

impl Nets {
    pub(crate) fn load() -> Result<Self, Error> {
        let weights: [&[u8]; 5] = [
            include_bytes!("../weights/blazeface_short.onnx.packed"),
            include_bytes!("../weights/blazeface_full.onnx.packed"),
            include_bytes!("../weights/face_landmark.onnx.packed"),
            include_bytes!("../weights/selfie_seg.onnx.packed"),
            include_bytes!("../weights/u2netp_dyn.onnx.packed"),
        ];
        let nets = weights.par_iter().map(|packed| Net::load(packed)).collect::<Result<Vec<_>, _>>()?;
        let [near, far, mesh, person, matte] =
            <[Net; 5]>::try_from(nets).map_err(|nets| Error::Net(format!("{} nets", nets.len())))?;
        Ok(Self { near, far, mesh, person, matte })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACES: &[u8] = include_bytes!("../weights/blazeface_short.onnx.packed");

    #[test]
    fn what_a_net_gives_is_asked_for_by_name() {
        let (net, grey) = (Net::load(FACES).unwrap(), Colour::made(128, 128, |_, _| [0.5; 3]));
        let [scores, boxes] = net.run(&grey, |_, value| value, ["scores", "boxes"]).unwrap();
        assert_eq!((scores.len(), boxes.len()), (896, 896 * 16));
        assert!(matches!(net.run(&grey, |_, value| value, ["ears"]), Err(Error::Net(_))));
    }

    #[test]
    fn weights_that_are_not_whole_are_refused() {
        for part in [&[][..], &FACES[..100], &FACES[..FACES.len() / 2], &FACES[1..]] {
            assert!(matches!(Net::load(part), Err(Error::Net(_))), "{} bytes", part.len());
        }
    }
}
