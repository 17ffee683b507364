namespace LongTail

/// What the transforms of an experiment's input must keep to.
module internal InputRules =
    let private wrong field (value: obj) fault remedy = Problem.about field value fault remedy

    /// What is wrong with a transform, given the side of the images that come to it, where they have one.
    let private transform size transform =
        let below limit = $"give 1 to {limit}"

        [
            match transform, size with
            | Transform.Crop padding, _ when padding < 0 ->
                wrong "crop padding" padding "is negative" "give 0 for no crop"
            | Transform.Crop padding, Some size when padding >= size ->
                wrong "crop padding" padding $"can leave nothing of images of {size} pixels" "give 4 or so"
            | Transform.RandomResizedCrop(side, area, aspect), _ ->
                if side < 1 then
                    wrong "randomResizedCrop" side "leaves nothing" "give the model's side, 224 or so"

                if not (area > 0. && area <= 1.) then
                    wrong "randomResizedCrop area" area "is no share of the image" "give 0.08 or so, at most 1"

                if not (aspect >= 1.) then
                    wrong
                        "randomResizedCrop aspect"
                        aspect
                        "is width over height at most, so at least 1"
                        "give 4/3 or so"
            | Transform.RandAugment(operations, magnitude), _ ->
                if operations < 1 then
                    wrong "randAugment operations" operations "change nothing" "give 2 or so, or leave it out"
                elif operations > 14 then
                    wrong "randAugment operations" operations "are more than the fourteen that there are" "give 2 or so"

                if magnitude < 0 || magnitude > 30 then
                    wrong "randAugment magnitude" magnitude "is off its scale" "give 0 to 30, 9 or so"
            | Transform.ColourJitter(brightness, contrast, saturation), _ ->
                for strength in List.distinct [ brightness; contrast; saturation ] do
                    if strength < 0. then
                        wrong "colourJitter" strength "is negative" "give 0.4 or so, 0 for none"

                if [ brightness; contrast; saturation ] |> List.forall ((=) 0.) then
                    wrong "colourJitter" 0 "changes nothing" "give 0.4 or so, or leave it out"
            | Transform.Cutout side, _ when side < 1 ->
                wrong "cutout" side "cuts nothing out" "give 16 or so, or leave it out"
            | Transform.Cutout side, Some size when side > size ->
                wrong "cutout" side $"is larger than images of {size} pixels" (below size)
            | Transform.ResizeShort side, _ when side < 1 -> wrong "resizeShort" side "leaves nothing" "give 256 or so"
            | Transform.CentreCrop side, Some size when side > size ->
                wrong "centreCrop" side $"is larger than images of {size} pixels" (below size)
            | _ -> ()
            match transform, Transform.square transform with
            | Transform.ResizeShort side, _
            | _, Some side when side > Transform.largest ->
                wrong
                    (Transform.name transform)
                    side
                    $"makes images that take {12L * int64 side * int64 side / 1_000_000L} MB each"
                    $"give at most {Transform.largest}"
            | _ -> ()
        ]

    /// The side of the images that a transform leaves.
    let private after size transform =
        match Transform.square transform, transform with
        | Some side, _
        | None, Transform.ResizeShort side -> Some side
        | _ -> size

    let private order transforms =
        let names = transforms |> List.map Transform.name

        [
            for name in names |> List.countBy id |> List.filter (snd >> (<) 1) |> List.map fst do
                wrong name "" "is said twice" "say it once"
            match transforms |> List.tryFindIndex _.IsResize with
            | Some i when i < transforms.Length - 1 ->
                wrong "resize" "" $"comes before {names[i + 1]}" "say it last: what is before it works on fewer pixels"
            | _ -> ()
        ]

    let private list size transforms =
        let sizes = transforms |> List.scan after size |> List.truncate transforms.Length

        List.map2 transform sizes transforms
        |> List.concat
        |> List.append (order transforms)

    /// Images that are files have all sizes, so what is done first makes them squares.
    let private framed field transforms =
        [
            match transforms with
            | Transform.RandomResizedCrop _ :: _ -> ()
            | Transform.ResizeShort short :: Transform.CentreCrop side :: _ when side <= short -> ()
            | _ ->
                let first =
                    transforms
                    |> List.tryHead
                    |> Option.map Transform.name
                    |> Option.defaultValue "nothing"

                wrong
                    field
                    first
                    "comes first, but the set's images are of all sizes"
                    "begin with decode |> randomResizedCrop 224, or with decode |> resizeShort 256 |> centreCrop 224"
        ]

    let input (e: Experiment) =
        let deviation = e.Input.Normalisation.Deviation
        let size = Dataset.resident e.Dataset |> Option.map _.Side
        let test = Option.defaultValue [] e.Input.Test

        [
            yield! list size e.Input.Train
            yield! list size test
            if size.IsNone then
                yield! framed "input" e.Input.Train
                yield! e.Input.Test |> Option.map (framed "testing") |> Option.defaultValue []
            for random in test |> List.filter Transform.isRandom do
                wrong "testing" (Transform.name random) "is random" "leave it to training"
            if
                [ deviation.Red; deviation.Green; deviation.Blue ]
                |> List.exists (fun d -> d <= 0.)
            then
                wrong "normalise deviation" deviation "divides every pixel" "give three numbers above 0"
        ]
