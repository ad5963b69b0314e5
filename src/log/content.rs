//! Columns of the tasks that two classes do not hold.

/// Code of a row without a label or without an answer.
pub const NO_CODE: u32 = u32::MAX;

/// What was true and what the models answered, per row of the log, beside what every task has: [`super::Log::labels`]
/// says where a truth is (0) and where not, [`super::Arm::scores`] and [`super::Arm::predictions`] where an answer is.
#[derive(Clone, Debug, Default)]
pub enum Content {
    /// Labels, scores and decisions of the log itself.
    #[default]
    Binary,
    /// Numbers; the models' stand in [`super::Arm::scores`].
    Numbers(Numbers),
    /// Classes by their place in a dictionary.
    Coded(Coded),
}

/// True values of a regression.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// [`super::NOT_LOGGED`] where there is none.
    pub truth: Vec<f64>,
}

/// Truth and answers as codes into one dictionary.
#[derive(Clone, Debug, Default)]
pub struct Coded {
    /// Classes, in the order of the probability columns or of first appearance.
    pub names: Vec<String>,
    /// [`NO_CODE`] where there is no label.
    pub truth: Vec<u32>,
    /// Champion first; [`NO_CODE`] where the model gave no answer.
    pub answers: Vec<Vec<u32>>,
    /// Probabilities of each arm, rows x classes, row after row; `None` where the log has only decisions. NaN where a
    /// cell was not logged, 0 for a class without a column.
    pub probabilities: Vec<Option<Vec<f64>>>,
}

impl Coded {
    /// Text of a code.
    pub fn name(&self, code: u32) -> Option<&str> {
        self.names.get(code as usize).map(String::as_str)
    }
}

impl Content {
    pub fn bytes(&self) -> usize {
        match self {
            Self::Binary => 0,
            Self::Numbers(numbers) => numbers.truth.len() * 8,
            Self::Coded(coded) => {
                let answers: usize = coded.answers.iter().map(|codes| codes.len() * 4).sum();
                let probabilities: usize = coded.probabilities.iter().flatten().map(|cells| cells.len() * 8).sum();
                let names: usize = coded.names.iter().map(|name| name.len() + 24).sum();
                coded.truth.len() * 4 + answers + probabilities + names
            }
        }
    }
}
