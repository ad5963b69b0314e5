//! What each stored value is held against.

use std::collections::{BTreeMap, BTreeSet};

use super::{Args, Found, Oracle, floats};
use assay::stats::bootstrap::{acceleration, bca, percentile};
use assay::stats::calibration::{self, Bin};
use assay::stats::delong::{PairedAuc, auc_from_components, delong_from_components, delong_paired, delong_unpaired};
use assay::stats::diebold_mariano::{Dependence, diebold_mariano, unknown_horizon};
use assay::stats::heterogeneity::{Effect, Stratum, cochran, gail_simon, stratified};
use assay::stats::midrank::{auc_influence, class_covariances, class_moments, midrank_components};
use assay::stats::power::Sides;
use assay::stats::quantile::QuantileEstimate;
use assay::stats::sample_ratio::SequentialSampleRatio;
use assay::stats::sequential::asymptotic::Plan;
use assay::stats::sequential::mixture::{Mixture, Tail};
use assay::stats::sequential::{bernoulli, evidence, group, stitching};
use assay::stats::{
    Cov2, Estimate, Interval, Moments, Sum, Undefined, balance, corp, cuped, cusum, drift, equivalence, influence,
    label_free, lift, logistic, mcnemar, mean_difference, multiplicity, newey_west, paired_proportion, power,
    proportion, quantile, rank, rate_ratio, ratio, resampled, sample_ratio, sequential, sign_flip, special, stability,
    unpaired_proportion,
};

/// An entry and what computes it.
type OfOne = (&'static str, fn(f64) -> f64);
type OfTwo = (&'static str, fn(f64, f64) -> f64);
type OfCounts = (&'static str, fn(u64, u64, f64) -> f64);

fn ends(interval: Result<Interval, Undefined>) -> Found {
    interval.map(|i| vec![i.lo, i.hi])
}

fn one(value: Result<f64, Undefined>) -> Found {
    value.map(|v| vec![v])
}

fn estimate(e: Result<Estimate, Undefined>) -> Found {
    e.map(|e| vec![e.value, e.se, e.df, e.interval.lo, e.interval.hi, e.p.unwrap()])
}

fn moments(m: &Moments) -> Vec<f64> {
    vec![m.n as f64, m.mean, m.m2]
}

fn joint(c: &Cov2) -> Vec<f64> {
    vec![c.n as f64, c.mean_a, c.mean_b, c.saa, c.sbb, c.sab]
}

pub(super) fn all(o: &mut Oracle) {
    distributions(o);
    proportions(o);
    means(o);
    areas(o);
    order(o);
    splits_and_segments(o);
    calibrations_and_distances(o);
    accumulators(o);
    any_time(o);
    sizes(o);
}

fn distributions(o: &mut Oracle) {
    let of_one: [OfOne; 8] = [
        ("norm_pdf", special::norm_pdf),
        ("norm_sf", special::norm_sf),
        ("norm_cdf", special::norm_cdf),
        ("norm_ln_sf", special::norm_ln_sf),
        ("norm_two_sided_p", special::norm_two_sided_p),
        ("norm_isf", special::norm_isf),
        ("norm_quantile", special::norm_quantile),
        ("ln_gamma", special::ln_gamma),
    ];
    for (name, f) in of_one {
        o.check(&format!("special::{name}"), |a| Ok(vec![f(a.f(0))]));
    }
    let of_two: [OfTwo; 8] = [
        ("t_sf", special::t_sf),
        ("t_cdf", special::t_cdf),
        ("t_two_sided_p", special::t_two_sided_p),
        ("t_isf", special::t_isf),
        ("t_quantile", special::t_quantile),
        ("chi2_sf", special::chi2_sf),
        ("ln_gamma_p", special::ln_gamma_p),
        ("ln_gamma_q", special::ln_gamma_q),
    ];
    for (name, f) in of_two {
        o.check(&format!("special::{name}"), |a| Ok(vec![f(a.f(0), a.f(1))]));
    }
    o.check("special::beta_inc", |a| Ok(vec![special::beta_inc(a.f(0), a.f(1), a.f(2))]));
    o.check("special::beta_inc_both", |a| {
        let (lower, upper) = special::beta_inc_both(a.f(0), a.f(1), a.f(2), 1.0 - a.f(2));
        Ok(vec![lower, upper])
    });
    o.check("special::beta_quantile", |a| Ok(vec![special::beta_quantile(a.f(0), a.f(1), a.f(2))]));
    let binomials: [OfCounts; 3] =
        [("binom_pmf", special::binom_pmf), ("binom_cdf", special::binom_cdf), ("binom_sf", special::binom_sf)];
    for (name, f) in binomials {
        o.check(&format!("special::{name}"), |a| Ok(vec![f(a.n(0), a.n(1), a.f(2))]));
    }
    o.check("special::binom_quantile", |a| Ok(vec![special::binom_quantile(a.f(0), a.n(1), a.f(2)) as f64]));
}

fn proportions(o: &mut Oracle) {
    type Limits = fn(u64, u64, f64) -> Result<Interval, Undefined>;
    let single: [(&str, Limits); 5] = [
        ("wilson", proportion::wilson),
        ("wilson_cc", proportion::wilson_cc),
        ("clopper_pearson", proportion::clopper_pearson),
        ("clopper_pearson_midp", proportion::clopper_pearson_midp),
        ("jeffreys", proportion::jeffreys),
    ];
    for (name, f) in single {
        o.check(&format!("proportion::{name}"), |a| ends(f(a.n(0), a.n(1), a.f(2))));
    }
    o.check("proportion::binomial_test", |a| one(proportion::binomial_test(a.n(0), a.n(1), a.f(2))));
    o.check("sample_ratio::exact", |a| one(sample_ratio::exact([a.n(0), a.n(1)], a.f(2))));
    type Two = fn(u64, u64, u64, u64, f64) -> Result<Interval, Undefined>;
    let unpaired: [(&str, Two); 3] = [
        ("miettinen_nurminen", unpaired_proportion::miettinen_nurminen),
        ("mee", unpaired_proportion::mee),
        ("newcombe", unpaired_proportion::newcombe),
    ];
    for (name, f) in unpaired {
        o.check(&format!("unpaired_proportion::{name}"), |a| ends(f(a.n(0), a.n(1), a.n(2), a.n(3), a.f(4))));
    }
    o.check("unpaired_proportion::miettinen_nurminen_z", |a| {
        one(unpaired_proportion::miettinen_nurminen_z(a.n(0), a.n(1), a.n(2), a.n(3), a.f(4)))
    });
    o.check("paired_proportion::tango_z", |a| one(paired_proportion::tango_z(a.n(0), a.n(1), a.n(2), a.f(3))));
    type Paired = fn(u64, u64, u64, f64) -> Result<Interval, Undefined>;
    let paired: [(&str, Paired); 3] = [
        ("tango", paired_proportion::tango),
        ("wald_paired", paired_proportion::wald_paired),
        ("bonett_price", paired_proportion::bonett_price),
    ];
    for (name, f) in paired {
        o.check(&format!("paired_proportion::{name}"), |a| ends(f(a.n(0), a.n(1), a.n(2), a.f(3))));
    }
    o.check("mcnemar::mcnemar", |a| {
        let m = mcnemar::mcnemar(a.n(0), a.n(1));
        Ok(vec![m.exact, m.midp, m.chi2, m.asymptotic, m.chi2_cc, m.corrected])
    });
}

fn means(o: &mut Oracle) {
    o.check("mean_difference::welch", |a| estimate(mean_difference::welch(&a.moments(0), &a.moments(1), a.f(2))));
    o.check("influence::mean", |a| estimate(influence::mean(&a.moments(0), a.f(1))));
    o.check("influence::from_influence", |a| estimate(influence::from_influence(a.f(0), &a.moments(1), a.f(2))));
    o.check("influence::unpaired", |a| {
        let of = |i| influence::mean(&a.moments(i), a.f(2));
        estimate(influence::unpaired(&of(0)?, &of(1)?, a.f(2)))
    });
    let sums = |a: &Args, centre: f64| {
        let centred: Vec<f64> = a.v(0).iter().map(|v| v - centre).collect();
        influence::cluster_sums(&centred, &a.codes(1), 11)
    };
    o.check("influence::cluster_sums", |a| sums(a, 0.0));
    o.check("influence::clustered_mean", |a| estimate(influence::clustered_mean(&a.v(0), &a.codes(1), 11, a.f(2))));
    o.check("influence::clustered", |a| {
        let (mean, seen) = (a.moments(0).mean, a.codes(1).into_iter().collect::<BTreeSet<_>>());
        let sums = sums(a, mean)?;
        let used: Moments = seen.iter().map(|&code| sums[code as usize]).collect();
        estimate(influence::clustered(mean, &used, a.v(0).len() as u64, a.f(2)))
    });
    o.check("influence::cr1_factor", |a| one(influence::cr1_factor(a.n(0), a.n(1), a.n(2))));
    o.check("cuped::cuped", |a| {
        let c = cuped::cuped(&a.joint(0), &a.joint(2), a.f(4))?;
        Ok([vec![c.a, c.b, c.theta, c.variance_reduction], estimate(Ok(c.difference))?].concat())
    });
    o.check("ratio::ratio", |a| estimate(ratio::ratio(&a.joint(0), a.f(2))));
    o.check("ratio::ratio_difference", |a| estimate(ratio::ratio_difference(&a.joint(0), &a.joint(2), a.f(4))));
    o.check("ratio::linearised", |a| ratio::linearised(&a.v(0), &a.v(1)));
    let both = |a: &Args| -> Result<_, Undefined> {
        Ok((influence::mean(&a.moments(0), a.f(2))?, influence::mean(&a.moments(1), a.f(2))?))
    };
    o.check("lift::fieller", |a| {
        let (x, y) = both(a)?;
        lift::fieller(&x, &y, a.f(2)).map(|l| vec![l.value, l.interval.lo, l.interval.hi])
    });
    o.check("lift::log_ratio", |a| {
        let (x, y) = both(a)?;
        lift::log_ratio(&x, &y, a.f(2)).map(|l| vec![l.value, l.interval.lo, l.interval.hi, l.p.unwrap()])
    });
    o.check("equivalence::non_inferiority_p", |a| {
        one(equivalence::non_inferiority_p(&influence::mean(&a.moments(0), 0.95)?, a.f(1)))
    });
    o.check("equivalence::equivalence_p", |a| {
        one(equivalence::equivalence_p(&influence::mean(&a.moments(0), 0.95)?, a.f(1)))
    });
    o.check("resampled::corrected_t", |a| estimate(resampled::corrected_t(&a.v(0), a.n(1), a.n(2), a.f(3))));
    o.check("newey_west::autocovariance", |a| Ok(vec![newey_west::autocovariance(&a.v(0), a.n(1) as usize)]));
    o.check("newey_west::variance_of_mean", |a| one(newey_west::variance_of_mean(&a.v(0), a.n(1) as usize)));
    o.check("diebold_mariano::diebold_mariano", |a| {
        let kind = if a.s(2) == "bartlett" { Dependence::Bartlett } else { Dependence::Truncated };
        let d = diebold_mariano(&a.v(0), a.n(1) as usize, kind, a.f(3))?;
        assert!(!d.fell_back);
        Ok(vec![d.difference, d.se, d.p, d.interval.lo, d.interval.hi])
    });
    o.check("diebold_mariano::unknown_horizon", |a| {
        let d = unknown_horizon(&a.v(0), a.f(1))?;
        Ok(vec![d.difference, d.se, d.p, d.interval.lo, d.interval.hi])
    });
}

fn areas(o: &mut Oracle) {
    let of = |a: &Args, i: usize, labels: usize| midrank_components(&a.v(i), &a.labels(labels));
    o.check("midrank::midrank_components", |a| of(a, 0, 1).map(|c| c.v));
    o.check("midrank::class_moments", |a| {
        let (pos, neg) = class_moments(&a.v(0), &a.labels(1));
        Ok([moments(&pos), moments(&neg)].concat())
    });
    o.check("midrank::class_covariances", |a| {
        let (pos, neg) = class_covariances(&a.v(0), &a.v(1), &a.labels(2));
        Ok([joint(&pos), joint(&neg)].concat())
    });
    o.check("midrank::auc_influence", |a| Ok(auc_influence(&of(a, 0, 1)?, &a.labels(1))));
    o.check("delong::auc_from_components", |a| {
        let (pos, neg) = class_moments(&of(a, 0, 1)?.v, &a.labels(1));
        let (r, logit) = auc_from_components(&pos, &neg, a.f(2)).map(|r| (r.clone(), r.logit.unwrap()))?;
        Ok(vec![r.auc, r.se, r.interval.lo, r.interval.hi, logit.lo, logit.hi])
    });
    let paired = |r: PairedAuc| {
        let (normal, student) = (r.interval, r.interval_t);
        vec![r.difference, r.covariance, r.se, r.p.unwrap(), normal.lo, normal.hi, student.lo, student.hi]
    };
    o.check("delong::delong_paired", |a| delong_paired(&a.v(0), &a.v(1), &a.labels(2), a.f(3)).map(paired));
    o.check("delong::delong_from_components", |a| {
        let (pos, neg) = class_covariances(&of(a, 0, 2)?.v, &of(a, 1, 2)?.v, &a.labels(2));
        delong_from_components(&pos, &neg, a.f(3)).map(paired)
    });
    o.check("delong::delong_unpaired", |a| {
        let (x, y) = (class_moments(&of(a, 0, 2)?.v, &a.labels(2)), class_moments(&of(a, 1, 2)?.v, &a.labels(2)));
        let r = delong_unpaired((&x.0, &x.1), (&y.0, &y.1), a.f(3))?;
        Ok(vec![r.difference, r.se, r.df.unwrap(), r.p.unwrap(), r.interval.lo, r.interval.hi])
    });
    o.check("multiplicity::holm", |a| multiplicity::holm(&a.v(0)));
    o.check("multiplicity::benjamini_hochberg", |a| multiplicity::benjamini_hochberg(&a.v(0)));
    o.check("multiplicity::hochberg", |a| multiplicity::hochberg(&a.v(0)));
}

fn order(o: &mut Oracle) {
    o.check("quantile::quantile_sorted", |a| one(quantile::quantile_sorted(&a.sorted(0), a.f(1))));
    o.check("quantile::quantile_select", |a| one(quantile::quantile_select(&mut a.v(0), a.f(1))));
    o.check("quantile::quantile_ranks", |a| {
        let r = quantile::quantile_ranks(a.n(0), a.f(1), a.f(2))?;
        Ok(vec![r.lo.unwrap_or(0) as f64, r.hi.unwrap_or(0) as f64, r.coverage])
    });
    let limits = |q: QuantileEstimate| vec![q.value, q.lo.unwrap(), q.hi.unwrap()];
    o.check("quantile::quantile_interval_sorted", |a| {
        quantile::quantile_interval_sorted(&a.sorted(0), a.f(1), a.f(2)).map(limits)
    });
    o.check("quantile::quantile_interval_select", |a| {
        quantile::quantile_interval_select(&mut a.v(0), a.f(1), a.f(2)).map(limits)
    });
    o.check("rank::mann_whitney::mann_whitney", |a| {
        rank::mann_whitney::mann_whitney(&a.v(0), &a.v(1)).map(|m| vec![m.u, m.superiority, m.p])
    });
    o.check("rank::mann_whitney::MannWhitney::exact", |a| {
        rank::mann_whitney::mann_whitney(&a.v(0), &a.v(1)).map(|m| vec![m.exact.unwrap()])
    });
    o.check("rank::mann_whitney::larger_p", |a| one(rank::mann_whitney::larger_p(&a.v(0), &a.v(1))));
    o.check("rank::shift::hodges_lehmann", |a| {
        let s = rank::shift::hodges_lehmann(&a.v(0), &a.v(1), a.f(2))?;
        Ok(vec![s.value, s.interval.lo, s.interval.hi])
    });
    o.check("rank::signed_rank::signed_rank", |a| {
        rank::signed_rank::signed_rank(&a.v(0)).map(|r| vec![r.v, r.used as f64, r.p, r.greater])
    });
    o.check("rank::signed_rank::pseudo_median", |a| {
        let m = rank::signed_rank::pseudo_median(&a.v(0), a.f(1))?;
        Ok(vec![m.value, m.interval.lo, m.interval.hi])
    });
    o.check("rank::kolmogorov_smirnov::kolmogorov_smirnov", |a| {
        rank::kolmogorov_smirnov::kolmogorov_smirnov(&a.v(0), &a.v(1)).map(|k| vec![k.d, k.p])
    });
}

fn splits_and_segments(o: &mut Oracle) {
    o.check("rate_ratio::poisson", |a| {
        let r = rate_ratio::poisson(a.n(0), a.f(1), a.n(2), a.f(3), a.f(4))?;
        Ok(vec![r.interval.lo, r.interval.hi, r.p])
    });
    o.check("sample_ratio::sample_ratio", |a| {
        sample_ratio::sample_ratio(&a.counts(0), &a.v(1)).map(|s| vec![s.chi2, s.df, s.p])
    });
    o.check("sample_ratio::SequentialSampleRatio::ln_e", |a| {
        let mut s = SequentialSampleRatio::new(&a.v(1), a.f(2))?;
        // In two looks: only the totals count.
        let (all, part) = (a.counts(0), a.counts(0).iter().map(|c| c / 3).collect::<Vec<_>>());
        s.observe(&part)?;
        s.observe(&all.iter().zip(&part).map(|(a, p)| a - p).collect::<Vec<_>>())?;
        Ok(vec![s.ln_e()])
    });
    o.check("sign_flip::sign_flip", |a| one(sign_flip::sign_flip(&a.v(0), 1, 1000)));
    o.check("heterogeneity::cochran", |a| cochran(&a.effects(0)).map(|c| vec![c.q, c.df, c.p, c.i2]));
    o.check("heterogeneity::gail_simon", |a| one(gail_simon(&a.effects(0))));
    o.check("heterogeneity::stratified", |a| {
        let effect = |r: &[f64]| Effect { value: r[2], se: r[3] };
        let stratum = |r: &Vec<f64>| Stratum { first: r[0] as u64, second: r[1] as u64, effect: effect(r) };
        stratified(&a.rows(0).iter().map(stratum).collect::<Vec<_>>()).map(|e| vec![e.value, e.se])
    });
    o.check("balance::standardised_difference", |a| {
        one(balance::standardised_difference(&a.moments(0), &a.moments(1)))
    });
    o.check("balance::categories", |a| {
        balance::categories(&a.counts(0), &a.counts(1)).map(|c| vec![c.difference, c.chi2, c.df, c.p, c.cramers_v])
    });
    o.check("balance::alike", |a| Ok(vec![balance::alike(&a.counts(0), &a.counts(1)).unwrap()]));
    o.check("balance::omnibus::omnibus", |a| {
        let names = a.given[0].as_array().unwrap().iter();
        let columns: Vec<Vec<f64>> = names.map(|name| floats(&a.data[name.as_str().unwrap()])).collect();
        balance::omnibus(&columns, &a.labels(1)).map(|b| vec![b.d2, b.df, b.p])
    });
}

fn calibrations_and_distances(o: &mut Oracle) {
    let outcomes = |a: &Args| floats(&a.data["label"]).iter().map(|&l| l == 1.0).collect::<Vec<_>>();
    let parts = |c: corp::Corp| vec![c.brier, c.miscalibration, c.discrimination, c.uncertainty];
    o.check("corp::corp", |a| corp::corp(&a.v(0), &outcomes(a)).map(parts));
    o.check("corp::from_groups", |a| corp::from_groups(&a.groups(0)).map(parts));
    o.check("corp::pool", |a| {
        let (groups, steps) = (a.groups(0), corp::pool(&a.groups(0)));
        let at = |p: f64| steps.iter().find(|s| s.from <= p && p <= s.to).unwrap().rate;
        Ok(groups.iter().map(|g| at(g.0)).collect())
    });
    let bins = |a: &Args| -> Vec<Bin> {
        a.rows(0).iter().map(|b| Bin { n: b[0] as u64, predicted: b[1], positives: b[2] as u64 }).collect()
    };
    o.check("calibration::equal_width_bin", |a| Ok(vec![calibration::equal_width_bin(a.f(0), a.n(1) as usize) as f64]));
    o.check("calibration::expected_calibration_error", |a| one(calibration::expected_calibration_error(&bins(a))));
    o.check("calibration::murphy", |a| {
        calibration::murphy(&bins(a)).map(|m| vec![m.reliability, m.resolution, m.uncertainty])
    });
    o.check("calibration::Murphy::brier", |a| calibration::murphy(&bins(a)).map(|m| vec![m.brier()]));
    o.check("logistic::fit", |a| {
        let (x, y) = (a.v(0), outcomes(a));
        let fit = logistic::fit(|| x.iter().zip(&y).map(|(&x, &y)| (x, f64::from(y), 1.0)))?;
        let (c, se, u) = (fit.covariance, fit.standard_errors(), fit.influence(x[0], f64::from(y[0]), 50));
        Ok(vec![fit.intercept, fit.slope, c[0][0], c[0][1], c[1][1], se.0, se.1, u.0, u.1])
    });
    o.check("label_free::cbpe", |a| {
        let p = a.v(0);
        let decided: Vec<bool> = p.iter().map(|&p| p >= a.f(1)).collect();
        let e = label_free::cbpe(&p, &decided, &a.v(2))?;
        Ok(vec![e.accuracy, e.precision?, e.recall?, e.specificity?, e.f1?, e.auc?])
    });
    o.check("drift::quantile_edges", |a| drift::quantile_edges(&a.sorted(0), a.n(1) as usize));
    o.check("drift::histogram", |a| Ok(drift::histogram(&a.v(0), &a.v(1)).iter().map(|&c| c as f64).collect()));
    o.check("drift::psi", |a| one(drift::psi(&a.counts(0), &a.counts(1))));
    o.check("drift::psi_p", |a| one(drift::psi_p(&a.counts(0), &a.counts(1))));
    o.check("drift::wasserstein", |a| one(drift::wasserstein(&a.sorted(0), &a.sorted(1))));
    o.check("drift::jensen_shannon", |a| one(drift::jensen_shannon(&a.v(0), &a.v(1))));
    o.check("drift::jensen_shannon_counts", |a| one(drift::jensen_shannon_counts(&a.counts(0), &a.counts(1))));
    o.check("drift::kolmogorov_smirnov", |a| one(drift::kolmogorov_smirnov(&a.counts(0), &a.counts(1))));
    o.check("stability::stability", |a| {
        let s = stability::stability(&a.counts(0), &a.counts(1), [a.f(2), a.f(3)], a.f(4))?;
        Ok(vec![s.psi, s.expected, s.value, s.lo, s.hi, s.p])
    });
    o.check("stability::design_effect", |a| Ok(vec![stability::design_effect(&a.codes(0), a.n(1) as usize)]));
    o.check("cusum::cusum", |a| {
        let rows = a.v(0);
        let m = Moments::from_slice(&rows);
        let centred: Vec<f64> = rows.iter().map(|x| x - m.mean).collect();
        let found = cusum::cusum(&centred, m.m2)?;
        Ok(vec![found.statistic, found.p])
    });
    o.check("rank::kolmogorov_smirnov::kolmogorov_sf", |a| Ok(vec![rank::kolmogorov_smirnov::kolmogorov_sf(a.f(0))]));
}

fn accumulators(o: &mut Oracle) {
    o.check("accumulate::Sum::value", |a| Ok(vec![a.v(0).into_iter().collect::<Sum>().value()]));
    o.check("accumulate::Moments::variance", |a| Ok(vec![a.moments(0).variance().unwrap()]));
    o.check("accumulate::Moments::standard_error", |a| {
        // By single values and merged, where the others go by slices.
        let (mut first, values) = (Moments::default(), a.v(0));
        let (head, tail) = values.split_at(values.len() / 3);
        head.iter().for_each(|&v| first.add(v));
        first.merge(&tail.iter().copied().collect());
        Ok(vec![first.standard_error().unwrap()])
    });
    o.check("accumulate::Cov2::covariance", |a| Ok(vec![a.joint(0).covariance().unwrap()]));
    o.check("bootstrap::acceleration", |a| {
        let mean = a.moments(0).mean;
        one(acceleration(&a.v(0).iter().map(|v| v - mean).collect::<Vec<_>>()))
    });
    let replicates = |a: &Args| a.v(0).into_iter().map(Some).collect::<Vec<_>>();
    o.check("bootstrap::percentile", |a| {
        percentile(&replicates(a), a.f(1)).map(|b| vec![b.interval.lo, b.interval.hi, b.se])
    });
    o.check("bootstrap::bca", |a| ends(bca(&replicates(a), a.f(1), a.f(2), a.f(3)).map(|b| b.interval)));
}

fn any_time(o: &mut Oracle) {
    let plan = |a: &Args| -> Result<(Plan, Estimate), Undefined> {
        Ok((Plan::new(a.f(0), a.n(1))?, Estimate::new(a.f(2), a.f(3), 1e9, a.n(4), 0.95, "given")?))
    };
    o.check("sequential::asymptotic::Plan::half_width", |a| plan(a).and_then(|(p, e)| one(p.half_width(&e))));
    o.check("sequential::asymptotic::Plan::interval", |a| plan(a).and_then(|(p, e)| ends(p.interval(&e))));
    o.check("sequential::asymptotic::Plan::ln_e", |a| plan(a).and_then(|(p, e)| one(p.ln_e(&e, 0.0))));
    o.check("sequential::asymptotic::Plan::p", |a| plan(a).and_then(|(p, e)| one(p.p(&e, 0.0))));
    let normal = [Tail::NormalTwoSided, Tail::Normal];
    o.check("sequential::mixture::Mixture::ln_e", |a| {
        normal.into_iter().map(|t| Ok(Mixture::new(t, a.f(2), a.f(3))?.ln_e(a.f(0), a.f(1)))).collect()
    });
    o.check("sequential::mixture::Mixture::bound", |a| {
        normal.into_iter().map(|t| Mixture::new(t, a.f(1), a.f(2))?.bound(a.f(0), a.f(2))).collect()
    });
    o.check("sequential::bernoulli::interval", |a| ends(bernoulli::interval(a.n(0), a.n(1), a.n(2), a.f(3))));
    o.check("sequential::bernoulli::difference", |a| {
        ends(bernoulli::difference((a.n(0), a.n(1)), (a.n(2), a.n(3)), a.n(4), a.f(5)))
    });
    o.check("sequential::bernoulli::ln_e_above", |a| {
        one(bernoulli::ln_e_above(a.n(0), a.n(1), a.f(2), a.n(3), a.f(4)))
    });
    o.check("sequential::bernoulli::lower_limit", |a| one(bernoulli::lower_limit(a.n(0), a.n(1), a.n(2), a.f(3))));
    o.check("sequential::bernoulli::upper_limit", |a| one(bernoulli::upper_limit(a.n(0), a.n(1), a.n(2), a.f(3))));
    o.check("sequential::quantile::interval", |a| {
        let s = sequential::quantile::interval(&a.sorted(0), a.f(1), a.n(2), a.f(3))?;
        Ok(vec![s.value, s.lo.unwrap(), s.hi.unwrap()])
    });
    o.check("sequential::quantile::difference", |a| {
        ends(sequential::quantile::difference(&a.sorted(0), &a.sorted(1), a.f(2), a.n(3), a.f(4)))
    });
    o.check("sequential::evidence::mean", |a| one(evidence::mean(&a.v(0))));
    o.check("sequential::evidence::product", |a| one(evidence::product(&a.v(0))));
    o.check("sequential::evidence::ln_mean", |a| one(evidence::ln_mean(&a.v(0))));
    o.check("sequential::evidence::e_bh", |a| {
        evidence::e_bh(&a.v(0), a.f(1)).map(|r| r.into_iter().map(f64::from).collect())
    });
    o.check("sequential::stitching::polynomial", |a| {
        one(stitching::polynomial(a.f(0), a.f(1), a.f(2), a.f(3), stitching::Epochs::default()))
    });
    let kinds =
        BTreeMap::from([("obrien_fleming", group::Spending::OBrienFleming), ("pocock", group::Spending::Pocock)]);
    o.check("sequential::group::Spending::spent", |a| Ok(kinds.values().map(|k| k.spent(a.f(0), a.f(1))).collect()));
    o.check("sequential::group::lan_demets", |a| group::lan_demets(&a.v(0), a.f(1), kinds[a.s(2)]));
    o.check("sequential::group::crossing_probability", |a| one(group::crossing_probability(&a.v(0), &a.v(1))));
    o.check("sequential::group::pocock", |a| one(group::pocock(a.n(0) as usize, a.f(1))));
    o.check("sequential::group::obrien_fleming", |a| one(group::obrien_fleming(a.n(0) as usize, a.f(1))));
}

fn sizes(o: &mut Oracle) {
    use power::{means, proportions};
    o.check("power::minimum_detectable", |a| one(power::minimum_detectable(a.f(0), a.f(1), a.f(2))));
    o.check("power::design_effect", |a| one(power::design_effect(a.f(0), a.f(1))));
    o.check("power::means::power", |a| one(means::power(a.f(0), a.f(1), a.f(2))));
    o.check("power::means::n_per_arm", |a| one(means::n_per_arm(a.f(0), a.f(1), a.f(2))));
    o.check("power::proportions::power", |a| one(proportions::power(a.f(0), a.n(1), a.f(2), a.n(3), a.f(4))));
    o.check("power::proportions::n_per_arm", |a| one(proportions::n_per_arm(a.f(0), a.f(1), a.f(2), a.f(3))));
    o.check("power::proportions::n_non_inferior", |a| one(proportions::n_non_inferior(a.f(0), a.f(1), a.f(2), a.f(3))));
    o.check("power::proportions::n_paired", |a| one(proportions::n_paired(a.f(0), a.f(1), a.f(2), Sides::Two, a.f(3))));
    o.check("power::proportions::power_paired", |a| {
        one(proportions::power_paired(a.f(0), a.f(1), a.n(2), a.f(3), Sides::Two))
    });
}
