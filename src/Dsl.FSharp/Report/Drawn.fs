namespace LongTail.Reports

open System
open LongTail
open LongTail.Core.Training

/// A class in a chart, or so many whose numbers of training images are next to each other's.
type ClassPoint =
    {
        Classes: int
        /// Place by falling number of training images, from 1; the mean of several.
        Place: float
        /// Training images of the first and the last of them.
        Most: int
        Fewest: int
        /// In [0, 1]; the mean of several.
        Accuracy: float
    }

/// What charts show of a setting: means over its seeds.
type Drawn =
    {
        Name: string
        /// Value of the axis "loss", whose losses alone are comparable; empty where it does not vary.
        Loss: string
        /// By falling number of training images, those of one number in the order of their data set; neighbours are one point
        /// where there are many.
        Classes: ClassPoint list
        /// Mean training loss of each epoch.
        Losses: Estimate list
        /// Where these may jump.
        Turns: Turn list
        /// Mean confidence, accuracy and images of each bin; none of results that were kept before there were bins.
        Reliability: (float * float * int) list
        /// The first seed whose run it was measured around, and the surface.
        Surface: (int64 * LossSurface) option
    }

module Drawn =
    /// A line through more points than these is noise.
    let private mostPoints = 30

    let private classes (results: RunResult list) =
        let counts = results.Head.ClassCounts

        let points =
            [
                for place, j in [ 0 .. counts.Count - 1 ] |> List.sortBy (fun j -> -counts[j]) |> List.indexed do
                    match results |> List.choose (fun r -> Option.ofNullable r.ClassAccuracy[j]) with
                    | [] -> ()
                    | accuracies ->
                        {
                            Classes = 1
                            Place = float (place + 1)
                            Most = counts[j]
                            Fewest = counts[j]
                            Accuracy = Mean.over accuracies
                        }
            ]

        if points.IsEmpty then
            []
        else
            points
            |> List.splitInto (min mostPoints points.Length)
            |> List.map (fun near ->
                {
                    Classes = near.Length
                    Place = near |> List.map _.Place |> Mean.over
                    Most = near.Head.Most
                    Fewest = (List.last near).Fewest
                    Accuracy = near |> List.map _.Accuracy |> Mean.over
                })

    let private losses (results: RunResult list) =
        let shortest = results |> List.map _.Epochs.Count |> List.min

        [
            for epoch in 0 .. shortest - 1 do
                TInterval.over (results |> List.map (fun r -> r.Epochs[epoch].Loss))
        ]

    // Fifteen bins, closed on their right, as Core's Calibration has them.
    let private bin confidence = ceil (15. * confidence)

    let private reliability (results: RunResult list) =
        results
        |> List.collect (fun r ->
            r.Calibration.Bins
            |> Option.ofObj
            |> Option.map List.ofSeq
            |> Option.defaultValue [])
        |> List.groupBy (fun one -> bin one.Confidence)
        |> List.sortBy fst
        |> List.map (fun (_, bins) ->
            let images = bins |> List.sumBy _.Images

            let weighed pick =
                (bins |> List.sumBy (fun one -> float one.Images * pick one)) / float images

            weighed _.Confidence, weighed _.Accuracy, images)

    /// `surfaceOf` knows the loss around a run by its hash, where it was measured.
    let ofContender surfaceOf (contender: Contender) =
        let results = Contender.results contender

        {
            Name = contender.Name
            Loss =
                contender.Labels
                |> List.tryPick (fun (axis, value) -> if axis = Axes.loss.Naming.Axis then Some value else None)
                |> Option.defaultValue ""
            Classes = classes results
            Losses = losses results
            Turns = contender.Resolved |> Option.map Turn.ofSettings |> Option.defaultValue []
            Reliability = reliability results
            Surface =
                contender.Runs
                |> List.tryPick (fun run -> surfaceOf run.Hash |> Option.map (fun found -> run.Seed, found))
        }
