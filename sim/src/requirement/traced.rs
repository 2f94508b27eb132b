//! Requirements over a trace: what they say of it is what they said of the run that it was recorded from.

use temporal_logic::{Formula, GridError, Monitors, Sampling};

use super::{Demands, Finding};
use crate::formula::{Readable, Unjudged};

/// Why requirements cannot be judged over a trace.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Misfit {
    /// One of them does not fit the sampling.
    #[error("`{id}`: {why}")]
    Grid {
        /// Which.
        id: String,
        /// Why.
        why: GridError,
    },
    /// Something in the trace cannot be.
    #[error(transparent)]
    Trace(#[from] Unjudged),
}

/// Judges those that are formulas, and says what each has found, in their order.
///
/// # Errors
/// [`Misfit`].
pub fn judge(
    demands: &Demands,
    readable: &Readable<'_>,
    sampling: Sampling,
) -> Result<Vec<Finding>, Misfit> {
    let mut formulas: Vec<Formula> = Vec::new();
    for requirement in demands.judged() {
        let formula = requirement.formula().into_iter().cloned();
        let formula: Vec<Formula> = formula.collect();
        // Alone, so that it is known which of them does not fit.
        Monitors::new(formula.clone(), sampling).map_err(|why| Misfit::Grid {
            id: requirement.id.clone(),
            why,
        })?;
        formulas.extend(formula);
    }
    let judging = readable.judge_all(formulas, sampling)?;
    let all = 0..judging.monitors.len();
    let said = |place| {
        let formula = judging.monitors.formula(place);
        Finding::of(formula, &judging.monitors.summary(place))
    };
    let mut findings: Vec<Finding> = all.map(said).collect();
    for undefined in &judging.undefined {
        findings[undefined.formula] = Finding::undefined(undefined.at);
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::config::Library;
    use crate::input::Document;
    use crate::recording::recorded;
    use crate::requirement::Requirements;
    use crate::shipped;
    use crate::trace::{read_parquet, write_parquet};

    /// A trace holds all that monitors need: they say of it what they said of the run, to the bit.
    #[test]
    fn every_shipped_requirement_says_of_a_trace_what_it_said_of_the_run() {
        for (scenario, hours) in [("first", 240), ("bad-readings", 72)] {
            let end = [format!("run_max_h={hours}"), "follow_up_h=1".to_owned()];
            let library = Library::shipped(scenario, &end).expect("it ships");
            let library = library.unwrap();
            let patient = crate::study::cohort::patients(&library)[0];
            let case = Case::new(&library, &library.scenario.arms[0], patient).unwrap();
            let (judged, trace) = recorded(&library, &case, scenario).unwrap();
            let file = format!("weanbench-traced-{}-{scenario}.parquet", std::process::id());
            let path = std::env::temp_dir().join(file);
            write_parquet(&path, &trace).unwrap();
            let trace = read_parquet(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            let readable = Readable::of(&trace).unwrap();
            let mut demands = Demands::over(&readable);
            let document = Document::from_text("requirements.toml", shipped::REQUIREMENTS);
            demands.add(&document, true).unwrap();
            let findings = judge(&demands, &readable, Sampling::Dense).unwrap();
            assert!(findings.iter().filter(|it| it.armed > 0).count() > 20);
            let requirements = Requirements::shipped();
            for ((requirement, ran), traced) in
                requirements.judged().zip(&judged.findings).zip(&findings)
            {
                // Whether something could have shown it is known of a run only.
                let ran = Finding {
                    not_detectable: false,
                    ..*ran
                };
                assert_eq!(ran, *traced, "{scenario}: {}", requirement.id);
            }
        }
    }
}
