namespace LongTail

/// How a run is judged on the test split. Each of the switches is a quirk of the published code and makes a statistic
/// wrong: for comparison with published numbers only.
type Evaluation =
    {
        /// The epoch that is best on the test split, not the last.
        BestOnTest: bool
        /// The mean of the accuracies of the batches, of which the last one is short.
        BatchMeanAccuracy: bool
        /// Confidences of outputs without the loss's scale.
        UnscaledConfidence: bool
        Said: Said
    }

[<AutoOpen>]
module Evaluations =
    /// Every test image counts once, after the last epoch: what an experiment takes that says nothing of evaluation.
    let afterLastEpoch =
        {
            BestOnTest = false
            BatchMeanAccuracy = false
            UnscaledConfidence = false
            Said = Said.nothing
        }

    /// Published quirk: reports the epoch that is best on the images by which it is judged.
    let bestOnTest =
        { afterLastEpoch with
            BestOnTest = true
        }

    /// Published quirk: the last, short batch of 128 weighs as much as a full one.
    let batchMeanAccuracy evaluation =
        { evaluation with
            BatchMeanAccuracy = true
            Said = evaluation.Said |> Said.once "batchMeanAccuracy"
        }

    /// Published quirk: of cosines without their scale, 100 classes cannot give a confidence above 0.0695.
    let unscaledConfidence evaluation =
        { evaluation with
            UnscaledConfidence = true
            Said = evaluation.Said |> Said.once "unscaledConfidence"
        }
