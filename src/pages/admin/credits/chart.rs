//! The chart of credits: the balance as a line, what came and went as bars below it. Drawn here as SVG; what it shows stands in a table
//! too, so nobody needs to see it.

use crate::{
    credits::{History, Span},
    i18n::{Message, grouped},
    pages::view::When,
};

/// Units of the drawing. It is stretched to the width of the page, so nothing in it is text.
const WIDTH: f64 = 720.0;

/// How high the balance is drawn.
const HEIGHT: f64 = 120.0;

/// How high bars are, up and down from their line.
const BAR: f64 = 22.0;

/// Where that line is.
const LINE: f64 = HEIGHT + 14.0 + BAR;

pub(super) struct Chart {
    /// `Credits from Oct 3 to Nov 1, 2026`
    pub(super) title: Message,
    /// What it shows, in a sentence.
    pub(super) words: Message,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) line_at: f64,
    /// The outline of the balance, and the same closed to a surface.
    pub(super) outline: String,
    pub(super) surface: String,
    pub(super) bars: Vec<Bar>,
    /// The highest balance, for the scale beside it.
    pub(super) most: String,
    pub(super) first_day: When,
    pub(super) last_day: When,
    /// The spans in which something happened, newest first.
    pub(super) rows: Vec<Row>,
    /// `Day`, `Week of`, `12 days from`
    pub(super) span_words: Message,
}

/// One span: what can be pointed at.
pub(super) struct Bar {
    /// `Nov 3: 97 left, 3 used`
    pub(super) words: String,
    pub(super) left: String,
    pub(super) width: String,
    /// Up and down, in units; nothing: no bar.
    pub(super) up: f64,
    pub(super) top: f64,
    pub(super) down: f64,
}

pub(super) struct Row {
    pub(super) from: When,
    pub(super) granted: String,
    pub(super) returned: String,
    pub(super) used: String,
    pub(super) balance: String,
}

impl Chart {
    /// Nothing if there is nothing to draw.
    pub(super) fn of(history: &History) -> Option<Self> {
        let (first, last) = (history.spans.first()?, history.spans.last()?);
        let count = history.spans.len() as f64;
        let step = WIDTH / count;
        let most = history.spans.iter().map(|span| span.balance).max()?.max(history.opening).max(1);
        let high = |balance: i64| HEIGHT - HEIGHT * balance as f64 / most as f64;
        let mut outline = format!("M0 {:.1}", high(history.opening));
        for (nth, span) in (0_u32..).zip(&history.spans) {
            outline.push_str(&format!("H{:.1}V{:.1}", f64::from(nth) * step, high(span.balance)));
        }
        outline.push_str(&format!("H{WIDTH}"));
        let surface = format!("{outline}V{HEIGHT}H0Z");
        let most_in = history.spans.iter().map(|span| span.granted + span.returned).max()?.max(1);
        let most_out = history.spans.iter().map(|span| span.used).max()?.max(1);
        // What is there at all is seen, however small beside the highest.
        let length = |amount: i64, most: i64| match amount {
            ..=0 => 0.0,
            amount => (BAR * amount as f64 / most as f64).max(2.0),
        };
        let bars = (0_u32..).zip(&history.spans).map(|(nth, span)| {
            let up = length(span.granted + span.returned, most_in);
            Bar {
                words: told(span),
                left: format!("{:.2}", f64::from(nth) * step),
                width: format!("{:.2}", step * 0.86),
                up,
                top: LINE - up,
                down: length(span.used, most_out),
            }
        });
        let (granted, returned, used) = history.spans.iter().fold((0, 0, 0), |(granted, returned, used), span| {
            (granted + span.granted, returned + span.returned, used + span.used)
        });
        let happened = history.spans.iter().rev().filter(|span| span.granted + span.returned + span.used > 0);
        let last_day = crate::clock::Timestamp::from_millis(last.from.millis() + (history.days - 1) * 86_400_000);
        let (first_day, last_day) = (When::day(first.from), When::day(last_day));
        Some(Self {
            title: say!("Credits from {first} to {last}", first = first_day.words, last = last_day.words),
            words: say!(
                "From {before} to {after} left: {granted} granted, {used} used, {returned} given back.",
                before = number(history.opening),
                after = number(last.balance),
                granted = number(granted),
                used = number(used),
                returned = number(returned)
            ),
            width: WIDTH,
            height: LINE + BAR,
            line_at: LINE,
            outline,
            surface,
            bars: bars.collect(),
            most: number(most),
            first_day,
            last_day,
            rows: happened.map(row).collect(),
            span_words: match history.days {
                1 => say!("Day"),
                7 => say!("Week from"),
                days => say!("{days} days from", days),
            },
        })
    }
}

fn row(span: &Span) -> Row {
    let or_nothing = |amount: i64| if amount == 0 { String::new() } else { number(amount) };
    Row {
        from: When::day(span.from),
        granted: or_nothing(span.granted),
        returned: or_nothing(span.returned),
        used: or_nothing(span.used),
        balance: number(span.balance),
    }
}

fn day(span: &Span) -> String {
    When::day(span.from).words
}

fn told(span: &Span) -> String {
    let mut words = vec![say!("{n} credit left" | "{n} credits left", n = span.balance).to_string()];
    let amounts = [
        (span.granted, say!("{n} granted" | "{n} granted", n = span.granted)),
        (span.returned, say!("{n} given back" | "{n} given back", n = span.returned)),
        (span.used, say!("{n} used" | "{n} used", n = span.used)),
    ];
    words.extend(amounts.iter().filter(|(amount, _)| *amount > 0).map(|(_, words)| words.to_string()));
    say!("{day}: {figures}", day = day(span), figures = words.join(", ")).to_string()
}

fn number(amount: i64) -> String {
    grouped(amount.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn span(day: i64, granted: i64, used: i64, balance: i64) -> Span {
        let from = Timestamp::from_millis(1_705_276_800_000 + day * 86_400_000);
        Span { from, granted, returned: 0, used, balance }
    }

    #[test]
    fn the_line_goes_from_what_there_was_to_what_is_left() {
        let history = History { days: 1, opening: 0, spans: vec![span(0, 100, 0, 100), span(1, 0, 50, 50)] };
        let chart = Chart::of(&history).unwrap();
        assert_eq!(chart.outline, "M0 120.0H0.0V0.0H360.0V60.0H720");
        assert_eq!(chart.words.to_string(), "From 0 to 50 left: 100 granted, 50 used, 0 given back.");
        assert_eq!(chart.title.to_string(), "Credits from Jan 15, 2024 to Jan 16, 2024");
        let bars: Vec<_> = chart.bars.iter().map(|bar| (bar.up, bar.down, bar.words.as_str())).collect();
        assert_eq!(
            bars,
            [
                (22.0, 0.0, "Jan 15, 2024: 100 credits left, 100 granted"),
                (0.0, 22.0, "Jan 16, 2024: 50 credits left, 50 used")
            ]
        );
        assert_eq!(chart.rows.len(), 2);
    }

    #[test]
    fn without_credits_it_lies_on_the_ground() {
        let history = History { days: 7, opening: 0, spans: vec![span(0, 0, 0, 0)] };
        let chart = Chart::of(&history).unwrap();
        assert_eq!(chart.outline, "M0 120.0H0.0V120.0H720");
        assert!(chart.rows.is_empty());
        assert!(Chart::of(&History { days: 1, opening: 0, spans: vec![] }).is_none());
    }
}
