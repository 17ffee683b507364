namespace LongTail

/// One cell of a sweep: an experiment and what it is called on each axis that was varied.
type Setting =
    {
        Experiment: Experiment
        /// Axis and value, in the order of the table's columns.
        Labels: (string * string) list
    }

/// The experiments that a person wants to compare. A sweep of one is what `experiment` gives;
/// whatever takes a sweep takes that too.
type Sweep = Sweep of Setting list

module Sweep =
    let settings (Sweep settings) = settings

    /// Keeps the experiments of which the condition holds.
    let where condition (Sweep settings) =
        Sweep(settings |> List.filter (fun s -> condition s.Experiment))

    /// The experiments of the one and then of the other.
    let union (Sweep a) (Sweep b) = Sweep(a @ b)

[<AutoOpen>]
module Sweeps =
    /// Every experiment of the sweep with every value on this axis.
    let vary axis values (Sweep settings) =
        let along setting =
            let varied = values |> List.map (fun value -> axis.Set value setting.Experiment)
            let brief = varied |> List.map axis.Brief

            let labels =
                if brief = List.distinct brief then
                    brief
                else
                    varied |> List.map axis.Full

            (varied, labels)
            ||> List.map2 (fun experiment label ->
                {
                    Experiment = experiment
                    Labels =
                        (setting.Labels |> List.filter (fun (name, _) -> name <> axis.Name))
                        @ [ axis.Name, label ]
                })

        Sweep(settings |> List.collect along)

    /// Replicates: every experiment once with each seed. A table shows their mean and its uncertainty.
    let seeds (values: int list) (Sweep settings) =
        Sweep
            [
                for setting in settings do
                    for seed in values do
                        { setting with
                            Setting.Experiment.Seed = int64 seed
                        }
            ]
