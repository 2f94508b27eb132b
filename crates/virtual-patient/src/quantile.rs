//! From a standard normal to a beta distributed number, through both distribution functions.
//!
//! The caller owns chance; here a number is only bent into another shape, smoothly and always alike.

/// The quantile of `Beta(a, b)` that lies where `z` lies among the standard normals.
///
/// `a` and `b` are positive, `z` is finite. The answer lies between 0 and 1.
pub(crate) fn beta_from_normal(a: f64, b: f64, z: f64) -> f64 {
    // The upper half is found from above, where the tail keeps its digits.
    if z > 0.0 {
        1.0 - beta_quantile(b, a, normal_cdf(-z))
    } else {
        beta_quantile(a, b, normal_cdf(z))
    }
}

/// The standard normal distribution function.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// By bisection: slower than Newton's steps, but it cannot leave the interval.
fn beta_quantile(a: f64, b: f64, probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if beta_cdf(a, b, middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The regularised incomplete beta function at `x`, 0 to 1.
fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges fast below the mean; above it the other tail is taken.
    if x < (a + 1.0) / (a + b + 2.0) {
        front(a, b, x) / a / fraction(a, b, x)
    } else {
        1.0 - front(b, a, 1.0 - x) / b / fraction(b, a, 1.0 - x)
    }
}

/// `x^a (1-x)^b / B(a, b)`.
fn front(a: f64, b: f64, x: f64) -> f64 {
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    libm::exp(a * libm::log(x) + b * libm::log1p(-x) - log_beta)
}

/// The continued fraction `1 + d1/(1 + d2/(1 + ...))` of the incomplete beta function.
///
/// Evaluated from the inside out with a fixed depth, so that there is no stopping rule to argue about;
/// the parameters in use (below 30) need less than half of it.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut tail = 1.0;
    for level in (1..=DEPTH).rev() {
        let m = f64::from(level / 2);
        let numerator = if level % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        tail = 1.0 + numerator / tail;
    }
    tail
}

const DEPTH: u32 = 120;

#[cfg(test)]
mod tests {
    use super::*;

    /// From scipy 1.17.1: `beta.ppf(norm.cdf(z), a, b)`, and `beta.isf(norm.sf(z), a, b)` for z > 0.
    const TABLE: [(f64, f64, f64, f64); 22] = [
        (18.0, 6.0, -4.0, 0.352715648944476),
        (18.0, 6.0, -3.0, 0.453271771075587),
        (18.0, 6.0, -2.0, 0.558739394671188),
        (18.0, 6.0, -1.0, 0.662285158510294),
        (18.0, 6.0, -0.3, 0.729903985427254),
        (18.0, 6.0, 0.0, 0.757031799461022),
        (18.0, 6.0, 0.5, 0.799262163676852),
        (18.0, 6.0, 1.0, 0.837337831108836),
        (18.0, 6.0, 2.0, 0.899859350707258),
        (18.0, 6.0, 3.0, 0.944075540272965),
        (18.0, 6.0, 4.0, 0.97208969884475),
        (4.2, 7.8, -4.0, 0.0214557036494304),
        (4.2, 7.8, -3.0, 0.054822450793648),
        (4.2, 7.8, -2.0, 0.117026945050687),
        (4.2, 7.8, -1.0, 0.213685162832205),
        (4.2, 7.8, -0.3, 0.300449097341717),
        (4.2, 7.8, 0.0, 0.34141821805299),
        (4.2, 7.8, 0.5, 0.413164182362612),
        (4.2, 7.8, 1.0, 0.487218406513146),
        (4.2, 7.8, 2.0, 0.632490001928857),
        (4.2, 7.8, 3.0, 0.759625183106315),
        (4.2, 7.8, 4.0, 0.857621761952677),
    ];

    #[test]
    fn quantiles_agree_with_the_table() {
        for (a, b, z, expected) in TABLE {
            let got = beta_from_normal(a, b, z);
            assert!(
                (got - expected).abs() < 1e-12,
                "{a} {b} {z}: {got} {expected}"
            );
        }
    }

    #[test]
    fn far_tails_stay_inside() {
        for z in [-30.0, -8.0, 8.0, 30.0] {
            let got = beta_from_normal(4.2, 7.8, z);
            assert!((0.0..=1.0).contains(&got), "{z}: {got}");
        }
    }

    #[test]
    fn a_flat_distribution_is_the_normal_one() {
        for z in [-2.5, -0.1, 0.0, 1.7] {
            assert!((beta_from_normal(1.0, 1.0, z) - normal_cdf(z)).abs() < 1e-14);
        }
    }
}
