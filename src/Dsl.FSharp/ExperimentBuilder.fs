namespace LongTail

/// Marks what an experiment does not say yet.
type Missing = Missing

/// An experiment being written down. Its type says which of the parts that it needs are there, so one that is forgotten or
/// said twice is the compiler's error, in the line where it happens. Of the parts that may be left out, one that is said
/// twice is one of the experiment's problems.
[<Struct>]
type Draft<'dataset, 'model, 'loss, 'optimizer, 'schedule> = internal Draft of Experiment

type ExperimentBuilder(name: string) =
    let once word (change: Experiment -> Experiment) e =
        { change e with
            Said = e.Said |> Said.once word
        }

    // The types let no draft out before these empty places are filled.
    member _.Yield(()) : Draft<Missing, Missing, Missing, Missing, Missing> =
        Draft
            {
                Name = name
                Dataset = Unchecked.defaultof<_>
                Input = augmented
                Model = Unchecked.defaultof<_>
                Loss = Unchecked.defaultof<_>
                Optimizer = Unchecked.defaultof<_>
                Schedule = Unchecked.defaultof<_>
                Sampling = instanceSampling
                Evaluation = afterLastEpoch
                Groups = None
                Batch = 128
                Seed = 0L
                Said = Said.nothing
            }

    /// The images, and how long their tail is.
    [<CustomOperation "dataset">]
    member _.Dataset(Draft e: Draft<Missing, 'm, 'l, 'o, 's>, dataset: Dataset) : Draft<Dataset, 'm, 'l, 'o, 's> =
        Draft { e with Dataset = dataset }

    /// How images reach the model.
    [<CustomOperation "input">]
    member _.Input(Draft e: Draft<'d, 'm, 'l, 'o, 's>, input: Input) : Draft<'d, 'm, 'l, 'o, 's> =
        Draft(e |> once "input" (fun e -> { e with Input = input }))

    /// Backbone, prompts and head.
    [<CustomOperation "model">]
    member _.Model(Draft e: Draft<'d, Missing, 'l, 'o, 's>, model: Model) : Draft<'d, Model, 'l, 'o, 's> =
        Draft { e with Model = model }

    /// The loss and its class weights.
    [<CustomOperation "loss">]
    member _.Loss(Draft e: Draft<'d, 'm, Missing, 'o, 's>, loss: Loss) : Draft<'d, 'm, Loss, 'o, 's> =
        Draft { e with Loss = loss }

    /// The base optimizer and what is around it.
    [<CustomOperation "optimizer">]
    member _.Optimizer
        (Draft e: Draft<'d, 'm, 'l, Missing, 's>, optimizer: Optimizer)
        : Draft<'d, 'm, 'l, Optimizer, 's> =
        Draft { e with Optimizer = optimizer }

    /// Epochs and learning rate.
    [<CustomOperation "schedule">]
    member _.Schedule(Draft e: Draft<'d, 'm, 'l, 'o, Missing>, schedule: Schedule) : Draft<'d, 'm, 'l, 'o, Schedule> =
        Draft { e with Schedule = schedule }

    /// Which images an epoch takes.
    [<CustomOperation "sampling">]
    member _.Sampling(Draft e: Draft<'d, 'm, 'l, 'o, 's>, sampling: Sampling) : Draft<'d, 'm, 'l, 'o, 's> =
        Draft(e |> once "sampling" (fun e -> { e with Sampling = sampling }))

    /// How the trained model is judged.
    [<CustomOperation "evaluation">]
    member _.Evaluation(Draft e: Draft<'d, 'm, 'l, 'o, 's>, evaluation: Evaluation) : Draft<'d, 'm, 'l, 'o, 's> =
        Draft(e |> once "evaluation" (fun e -> { e with Evaluation = evaluation }))

    /// Which classes are head, medium and tail.
    [<CustomOperation "groups">]
    member _.Groups(Draft e: Draft<'d, 'm, 'l, 'o, 's>, grouping: Grouping) : Draft<'d, 'm, 'l, 'o, 's> =
        Draft(e |> once "groups" (fun e -> { e with Groups = Some grouping }))

    /// Images a step.
    [<CustomOperation "batch">]
    member _.Batch(Draft e: Draft<'d, 'm, 'l, 'o, 's>, images: int) : Draft<'d, 'm, 'l, 'o, 's> =
        Draft(e |> once "batch" (fun e -> { e with Batch = images }))

    /// Key of every random stream but the choice of images.
    [<CustomOperation "seed">]
    member _.Seed(Draft e: Draft<'d, 'm, 'l, 'o, 's>, seed: int64) : Draft<'d, 'm, 'l, 'o, 's> =
        Draft(e |> once "seed" (fun e -> { e with Seed = seed }))

    // Without these two the compiler stops at a misspelt part before it has looked at the name.
    [<CompilerMessage("the parts of an experiment are dataset, input, model, loss, optimizer, schedule, sampling, evaluation, groups, batch and seed",
                      9001,
                      IsError = true)>]
    member _.For(_said: Draft<'d, 'm, 'l, 'o, 's>, _other: unit -> 'other) : Draft<_, _, _, _, _> =
        Draft Unchecked.defaultof<Experiment>

    member _.Zero() = Missing

    member _.Run(Draft e: Draft<Dataset, Model, Loss, Optimizer, Schedule>) = Sweep.one e

[<AutoOpen>]
module Experiments =
    /// Writes an experiment down: dataset, model, loss, optimizer and schedule must be said; input, sampling,
    /// evaluation, groups, batch and seed may.
    let experiment name = ExperimentBuilder name
