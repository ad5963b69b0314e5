//! Small symmetric systems: as many unknowns as covariates or categories.

use super::Undefined;

/// `b' A⁻¹ b` and the rank of `A`, for a covariance matrix `A` of `k` rows. Directions in which `A`
/// has no spread are left out (with pivoting, Golub & Van Loan, Matrix Computations, 4.2.8), so a
/// constant or repeated covariate does not count.
///
/// # Errors
/// `A` has no spread in any direction.
pub(crate) fn quadratic_form(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Result<(f64, usize), Undefined> {
    let k = b.len();
    let scale = (0..k).map(|i| a[i][i]).fold(0.0, f64::max);
    let (mut sum, mut rank) = (0.0, 0);
    for step in 0..k {
        let Some(pivot) = (step..k).max_by(|&i, &j| a[i][i].total_cmp(&a[j][j])) else { break };
        if a[pivot][pivot].is_nan() || a[pivot][pivot] <= 1e-10 * scale {
            break;
        }
        a.swap(step, pivot);
        a.iter_mut().for_each(|row| row.swap(step, pivot));
        b.swap(step, pivot);
        let d = a[step][step];
        sum += b[step] * b[step] / d;
        rank += 1;
        let row = a[step].clone();
        for i in step + 1..k {
            let f = a[i][step] / d;
            b[i] -= f * b[step];
            for j in step + 1..k {
                a[i][j] -= f * row[j];
            }
        }
    }
    if rank == 0 { Err(Undefined::new("nothing varies")) } else { Ok((sum, rank)) }
}

#[cfg(test)]
mod tests {
    use super::quadratic_form;

    #[test]
    fn solves_and_drops_repeated_directions() {
        let a = vec![vec![2.0, 1.0], vec![1.0, 3.0]];
        // The inverse is [[3, -1], [-1, 2]] / 5.
        let (q, rank) = quadratic_form(a, vec![1.0, 2.0]).unwrap();
        assert!((q - (3.0 - 4.0 + 8.0) / 5.0).abs() < 1e-14 && rank == 2);
        let (q, rank) = quadratic_form(vec![vec![4.0, 4.0], vec![4.0, 4.0]], vec![2.0, 2.0]).unwrap();
        assert!((q - 1.0).abs() < 1e-14 && rank == 1);
        assert!(quadratic_form(vec![vec![0.0]], vec![0.0]).is_err());
    }
}
