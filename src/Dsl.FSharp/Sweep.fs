namespace LongTail

/// One cell of a sweep: an experiment and what it is called on each axis that was varied.
type Setting =
    {
        Experiment: Experiment
        /// Axis and value, in the order of the table's columns.
        Labels: (string * string) list
    }

/// The experiments that a person wants to compare, each once. A sweep of one is what `experiment` gives;
/// whatever takes a sweep takes that too.
type Sweep =
    private
        {
            Experiments: Experiment list
            Namings: Naming list
            Faults: (string * string) list
        }

module Sweep =
    let internal one experiment =
        {
            Experiments = [ experiment ]
            Namings = []
            Faults = []
        }

    /// What makes no sense in how the sweep was put together, each with its remedy.
    let faults sweep = List.distinct sweep.Faults

    /// The experiments in the order of the table's rows. An axis of which the short names do not tell two experiments
    /// apart goes by the full ones.
    let settings sweep =
        let shown naming =
            let ambiguous =
                sweep.Experiments
                |> List.map (fun e -> naming.Brief e, naming.Full e)
                |> List.distinct
                |> List.countBy fst
                |> List.exists (fun (_, count) -> count > 1)

            naming.Axis, (if ambiguous then naming.Full else naming.Brief)

        let columns = sweep.Namings |> List.map shown

        [
            for e in sweep.Experiments do
                {
                    Experiment = e
                    Labels = [ for axis, show in columns -> axis, show e ]
                }
        ]

    /// Keeps the experiments of which the condition holds.
    let where condition sweep =
        { sweep with
            Experiments = sweep.Experiments |> List.filter condition
        }

    /// Changes every experiment.
    let map change sweep =
        { sweep with
            Experiments = sweep.Experiments |> List.map change |> List.distinct
        }

    /// The experiments of the one, then what the other adds; the table has the columns of both.
    let union a b =
        {
            Experiments = List.distinct (a.Experiments @ b.Experiments)
            Namings = List.distinctBy _.Axis (a.Namings @ b.Namings)
            Faults = a.Faults @ b.Faults
        }

[<AutoOpen>]
module Sweeps =
    /// Every experiment of the sweep under every alternative. An axis that was varied before is overridden.
    let over (variation: Variation) sweep =
        let again (naming: Naming) =
            variation.Namings |> List.exists (fun other -> other.Axis = naming.Axis)

        {
            Experiments =
                List.allPairs sweep.Experiments variation.Alternatives
                |> List.map (fun (experiment, change) -> change experiment)
                |> List.distinct
            Namings = (sweep.Namings |> List.filter (again >> not)) @ variation.Namings
            Faults = sweep.Faults @ variation.Faults
        }

    /// Every experiment of the sweep with every value on this axis.
    let vary axis xs sweep = over (values axis xs) sweep

    /// Every experiment of the sweep with this one value, which needs no column.
    let overriding (axis: Axis<'value>) value sweep =
        { over (values axis [ value ]) sweep with
            Namings = sweep.Namings |> List.filter (fun naming -> naming.Axis <> axis.Naming.Axis)
        }

    /// Replicates: every experiment once with each seed. A table shows their mean and its uncertainty.
    let seeds (numbers: int list) sweep =
        { sweep with
            Experiments =
                List.allPairs sweep.Experiments (List.distinct numbers)
                |> List.map (fun (e, seed) -> { e with Seed = int64 seed })
                |> List.distinct
        }
