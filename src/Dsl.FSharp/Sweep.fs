namespace LongTail

/// One cell of a sweep: an experiment and what it is called on each axis that was varied.
type Setting =
    {
        Experiment: Experiment
        /// Axis and value, in the order of the table's columns.
        Labels: (string * string) list
    }

    /// What its row of a table is called: the words of its axes, or the experiment's name where nothing is varied; its seed
    /// aside.
    member setting.Called =
        match setting.Labels with
        | [] -> setting.Experiment.Name
        | labels -> labels |> List.map snd |> String.concat ", "

    /// The same where no column names the axes.
    member setting.Told =
        match setting.Labels with
        | [] -> setting.Called
        | labels -> labels |> List.map Names.told |> String.concat ", "

    /// What all seeds of it share: one row of a table.
    member setting.Unseeded =
        { setting with
            Experiment = Experiment.unseeded setting.Experiment
        }

/// The experiments that a person wants to compare, each once. A sweep of one is what `experiment` gives;
/// whatever takes a sweep takes that too.
type Sweep =
    private
        {
            Experiments: Experiment list
            Namings: Naming list
            Faults: Problem list
            Doubts: Problem list
            Expected: Expectation list
            Asked: Contrast list
            /// Whether its seeds were said for all experiments.
            Seeded: bool
        }

module Sweep =
    let internal one experiment =
        {
            Experiments = [ experiment ]
            Namings = []
            Faults = []
            Doubts = []
            Expected = []
            Asked = []
            Seeded = false
        }

    /// What makes no sense in how the sweep was put together.
    let faults sweep = List.distinct sweep.Faults

    /// What in it may not be meant so.
    let doubts sweep = List.distinct sweep.Doubts

    /// What results of it are expected, where that was said.
    let internal expected sweep = sweep.Expected

    /// What is asked of its results.
    let internal asked sweep = sweep.Asked

    /// What keeps its experiments from answering these contrasts.
    let internal unanswerable contrasts sweep =
        contrasts |> List.collect (Contrast.faults sweep.Experiments)

    /// The same experiments, with contrasts and with faults that the script has besides.
    let internal along contrasts faults sweep =
        { sweep with
            Asked = sweep.Asked @ contrasts
            Faults = sweep.Faults @ faults
        }

    /// The experiments in the order of the table's rows. An axis of which the short names do not tell two experiments
    /// apart goes by the full ones; experiments of several names have a column of them.
    let settings sweep =
        let shown naming =
            let ambiguous =
                sweep.Experiments
                |> List.map (fun e -> naming.Brief e, naming.Full e)
                |> List.distinct
                |> List.countBy fst
                |> List.exists (fun (_, count) -> count > 1)

            naming.Axis, (if ambiguous then naming.Full else naming.Brief)

        let columns =
            [
                let name (e: Experiment) = e.Name

                if (sweep.Experiments |> List.distinctBy name).Length > 1 then
                    "experiment", name

                yield! List.map shown sweep.Namings
            ]

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
            Expected =
                [
                    for one in sweep.Expected do
                        { one with
                            Of = one.Of |> List.map (change >> Experiment.unseeded)
                        }
                ]
        }

    /// The experiments of the one, then what the other adds; the table has the columns of both.
    let union a b =
        {
            Experiments = List.distinct (a.Experiments @ b.Experiments)
            Namings = List.distinctBy _.Axis (a.Namings @ b.Namings)
            Faults = a.Faults @ b.Faults
            Doubts = a.Doubts @ b.Doubts
            Expected = a.Expected @ b.Expected
            Asked = a.Asked @ b.Asked
            Seeded = a.Seeded || b.Seeded
        }

[<AutoOpen>]
module Sweeps =
    let private twice field value =
        Problem.ofSweep field value "is said twice" "it is one run all the same"

    /// Values that are no alternatives, as the sweep's first experiment shows.
    let private repeated (variation: Variation) sweep =
        [
            for first in List.truncate 1 sweep.Experiments do
                for e, count in variation.Alternatives |> List.countBy (fun change -> change first) do
                    if count > 1 then
                        let shown = variation.Namings |> List.map (fun naming -> naming.Brief e)
                        twice (Variation.named variation) (String.concat ", " shown)
        ]

    let private under (variation: Variation) sweep =
        {
            Experiments =
                List.allPairs sweep.Experiments variation.Alternatives
                |> List.map (fun (experiment, change) -> change experiment)
                |> List.distinct
            Namings =
                (sweep.Namings
                 |> List.filter (fun naming ->
                     variation.Namings |> List.forall (fun other -> other.Axis <> naming.Axis)))
                @ variation.Namings
            Faults =
                sweep.Faults
                @ variation.Faults
                @ [
                    if not sweep.Expected.IsEmpty then
                        Problem.ofSweep
                            "expect"
                            ""
                            $"is said before {Variation.named variation} is varied"
                            "say it behind all that varies, of the rows that the table has then"
                ]
            Doubts = sweep.Doubts
            Expected = sweep.Expected
            Asked = sweep.Asked
            Seeded = sweep.Seeded
        }

    /// Every experiment of the sweep under every alternative. An axis that was varied before is a problem of the plan.
    let over (variation: Variation) sweep =
        let varied = under variation sweep

        { varied with
            Faults = varied.Faults @ Variation.replaced sweep.Namings variation.Namings
            Doubts = sweep.Doubts @ repeated variation sweep
        }

    /// Every experiment of the sweep with every value on this axis.
    let vary axis xs sweep = over (values axis xs) sweep

    /// Every experiment of the sweep with this one value, which needs no column.
    let overriding (axis: Axis<'value>) value sweep =
        { under (values axis [ value ]) sweep with
            Namings = sweep.Namings |> List.filter (fun naming -> naming.Axis <> axis.Naming.Axis)
        }

    /// Replicates: every experiment once with each seed. A table shows their mean and its uncertainty.
    let seeds (numbers: int list) sweep =
        { sweep with
            Experiments =
                List.allPairs sweep.Experiments (List.distinct numbers)
                |> List.map (fun (e, seed) -> { e with Seed = int64 seed })
                |> List.distinct
            Faults =
                sweep.Faults
                @ [
                    if numbers.IsEmpty then
                        Problem.ofSweep "seeds" "" "has no value" "give it one at least"
                    if sweep.Seeded then
                        Problem.ofSweep "seeds" "" "is said twice" "say it once, with all seeds"
                ]
            Seeded = true
            Doubts =
                sweep.Doubts
                @ [
                    for seed, count in List.countBy id numbers do
                        if count > 1 then
                            twice "seeds" $"{seed}"
                ]
        }

    /// What a score's mean over the seeds of some rows should be, in percent: `expect accuracy [ "gnm, CE", 53.0, 55.0 ]`.
    /// A row is called as the table calls it, and "frozen model" is the row of nothing trained, so this comes behind all that varies. `longtail check` holds results
    /// against it, and `run` warns of those that are outside.
    let expect score ranges sweep =
        let settings = Sweep.settings sweep

        let frozen =
            [
                for s in settings do
                    Expectation.frozen, s.Experiment

                    for _, word in s.Labels do
                        $"{Expectation.frozen}, {word}", s.Experiment
            ]

        let rows = settings |> List.map (fun s -> s.Called, s.Experiment)
        let expected, faults = Expectation.read score rows frozen ranges

        { sweep with
            Expected = sweep.Expected @ expected
            Faults = sweep.Faults @ faults
        }
