//! Sizes as Compose writes them: `512m`, `1.5g`, `64kb`.

/// The number of bytes that a size means. Units are binary: `1k` is 1024 bytes.
pub(crate) fn parse_size(text: &str) -> Result<i64, &'static str> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(lower.len());
    let (number, unit) = lower.split_at(digits);
    if number.is_empty() {
        return Err("it does not start with a number");
    }
    let number: f64 = number.parse().map_err(|_| "the number is not one")?;
    let power = match unit
        .trim_start()
        .trim_end_matches('b')
        .trim_end_matches('i')
    {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return Err("the unit is none of `b`, `k`, `m`, `g`, `t`, `p`"),
    };
    let bytes = number * 1024_f64.powi(power);
    #[expect(clippy::cast_precision_loss, reason = "the limit only has to be near")]
    if bytes > i64::MAX as f64 {
        return Err("it is too large");
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked above; part of a byte has no meaning"
    )]
    Ok(bytes as i64)
}
