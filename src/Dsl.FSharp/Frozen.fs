namespace LongTail

open System
open LongTail.Core.Settings

/// What a run is held against to say what training gained: the same backbone without prompts, on the same data, where an image goes
/// to the class whose mean of training features is nearest by cosine. It is a run without epochs.
module internal Frozen =
    /// The frozen model of a run; None where the backbone is drawn. What only training reads, augmentation among it, has
    /// one value, so that all runs on a backbone, test input and data set share one.
    let settings (run: RunSettings) : RunSettings option =
        match run.Model.Backbone with
        | :? DrawnBackbone -> None
        | backbone ->
            Some(
                RunSettings(
                    run.Data,
                    InputSettings(run.Input.Test, run.Input.Test, run.Input.Mean, run.Input.Deviation),
                    ModelSettings(
                        backbone,
                        0,
                        Readout.Cls,
                        HeadKind.Cosine,
                        HeadInitial.ClassMeans,
                        Tuning.HeadOnly,
                        null,
                        run.Model.Precision
                    ),
                    LossSettings(25., PlainLogits(), null, null),
                    OptimizerSettings(
                        SgdSettings(0., 0., false, 0.),
                        null,
                        ParameterGroups.Alike,
                        Nullable(),
                        Nullable(),
                        1
                    ),
                    ScheduleSettings(0, false, 0, null, InstanceSampling(), null),
                    EvaluationSettings(0., run.Evaluation.BatchMeanAccuracy, run.Evaluation.UnscaledConfidence, false),
                    128,
                    0L
                )
            )
