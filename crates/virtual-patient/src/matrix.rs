//! Small dense matrices: an exponential and a linear solver.
//!
//! Written by hand because the order of every addition is then ours, so that all machines agree.

/// A square matrix, row by row.
pub(crate) type Square<const N: usize> = [[f64; N]; N];

/// The matrix exponential: Taylor's sum to the twelfth power of `m / 2^s`, squared `s` times.
///
/// `s` brings the norm to 1/16 or less; the first term left out is then below `16^-13 / 13!`, far under
/// the rounding of the sum.
pub(crate) fn exponential<const N: usize>(m: &Square<N>) -> Square<N> {
    let norm = norm(m);
    let (mut squarings, mut scale, mut reach) = (0_u32, 1.0, 1.0 / 16.0);
    while norm > reach {
        (squarings, scale, reach) = (squarings + 1, scale / 2.0, reach * 2.0);
    }
    let small = m.map(|row| row.map(|value| value * scale));
    let mut term = identity::<N>();
    let mut total = term;
    for k in 1..=12_u32 {
        term = product(&term, &small).map(|row| row.map(|value| value / f64::from(k)));
        for (row, more) in total.iter_mut().zip(&term) {
            for (sum, &value) in row.iter_mut().zip(more) {
                *sum += value;
            }
        }
    }
    for _ in 0..squarings {
        total = product(&total, &total);
    }
    total
}

/// The `x` of `a x = b`, by elimination with row pivots; not finite when `a` is singular.
pub(crate) fn solve<const N: usize>(mut a: Square<N>, mut b: [f64; N]) -> [f64; N] {
    for column in 0..N {
        let mut pivot = column;
        for row in column + 1..N {
            if a[row][column].abs() > a[pivot][column].abs() {
                pivot = row;
            }
        }
        a.swap(column, pivot);
        b.swap(column, pivot);
        let (above, below) = a.split_at_mut(column + 1);
        let line = &above[column];
        for (offset, row) in below.iter_mut().enumerate() {
            let factor = row[column] / line[column];
            for (value, &from) in row.iter_mut().zip(line).skip(column) {
                *value -= factor * from;
            }
            b[column + 1 + offset] -= factor * b[column];
        }
    }
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| a[row][column] * b[column]).sum();
        b[row] = (b[row] - known) / a[row][row];
    }
    b
}

fn identity<const N: usize>() -> Square<N> {
    let mut out = [[0.0; N]; N];
    for (index, row) in out.iter_mut().enumerate() {
        row[index] = 1.0;
    }
    out
}

fn product<const N: usize>(a: &Square<N>, b: &Square<N>) -> Square<N> {
    let mut out = [[0.0; N]; N];
    for (row, factors) in out.iter_mut().zip(a) {
        for (&factor, line) in factors.iter().zip(b) {
            for (sum, &value) in row.iter_mut().zip(line) {
                *sum += factor * value;
            }
        }
    }
    out
}

/// The largest sum of magnitudes in a row.
fn norm<const N: usize>(m: &Square<N>) -> f64 {
    m.iter()
        .map(|row| row.iter().map(|value| value.abs()).sum::<f64>())
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_turned_exactly() {
        // exp of [[0, -a], [a, 0]] turns by a.
        for angle in [1e-3, 0.7, 2.0, 30.0] {
            let turned = exponential(&[[0.0, -angle], [angle, 0.0]]);
            assert!((turned[0][0] - libm::cos(angle)).abs() < 1e-12);
            assert!((turned[1][0] - libm::sin(angle)).abs() < 1e-12);
        }
    }

    #[test]
    fn nothing_stays_nothing() {
        assert_eq!(
            exponential(&[[0.0; 3]; 3]),
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        );
    }

    #[test]
    fn solver_swaps_rows_when_the_pivot_is_zero() {
        let x = solve([[0.0, 2.0], [4.0, 1.0]], [6.0, 11.0]);
        assert_eq!(x, [2.0, 3.0]);
    }
}
