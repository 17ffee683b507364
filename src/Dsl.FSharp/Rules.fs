namespace LongTail

open System
open LongTail.Core
open LongTail.Core.Settings

/// What each part of an experiment must keep to. A rule gives every breach, as a problem that waits for its experiment.
module internal Rules =
    let wrong field (value: obj) fault remedy = Problem.about field value fault remedy

    /// A share of something, which all of it would leave nothing of.
    let share field value remedy =
        [
            if value < 0. || value >= 1. then
                wrong field value "must be at least 0 and below 1" remedy
        ]

    let finite (e: Experiment) =
        [
            for name, number in Numbers.all e do
                if not (Single.IsFinite(float32 number)) then
                    wrong name number "is not finite in float32" "give a finite one"
        ]

    /// Words that contradict each other in one part of the experiment, or in two.
    let words (e: Experiment) =
        let parts =
            [
                e.Said
                e.Dataset.Said
                e.Input.Said
                e.Model.Said
                e.Loss.Said
                e.Optimizer.Said
                e.Schedule.Said
                e.Evaluation.Said
            ]

        [
            for word, fault, remedy in parts |> List.collect Said.contradictions do
                wrong word "" fault remedy
            if
                Said.has "reweightingBeta" e.Loss.Said
                && not (Said.has "deferReweighting" e.Loss.Said)
            then
                wrong
                    "reweightingBeta"
                    ""
                    "has no deferReweighting to go with"
                    "say from which epoch, or take classBalanced"
            match e.Loss.Kind, e.Loss.PostHoc with
            | LogitAdjusted trained, Some tau when trained <> 0. && tau <> 0. ->
                wrong
                    "adjustedPostHoc"
                    tau
                    $"adjusts again what a loss with tau {trained} has adjusted in training"
                    "take crossEntropy, or leave it out"
            | _ -> ()
        ]

    let naming (e: Experiment) =
        [
            if String.IsNullOrWhiteSpace e.Name then
                wrong "name" "" "is empty" "say what the experiment is called"
            if e.Seed < 0L then
                wrong "seed" e.Seed "is negative" "give 0 or more"
        ]

    /// Images that the set has of each class, to learn from and to test, as far as that is known.
    let private known (files: DataFiles option) dataset =
        match Dataset.resident dataset, files with
        | Some set, _ -> Some(Array.create set.Classes set.TrainImages, Array.create set.Classes set.TestImages)
        | None, Some files -> Some(Array.ofSeq files.Facts.Train, Array.ofSeq files.Facts.Test)
        | None, None -> None

    /// How many files are empty, and the first of them.
    let emptyOf (paths: string seq) =
        let paths = List.ofSeq paths
        let first = paths |> List.truncate 5 |> String.concat ", "

        let more =
            if paths.Length > 5 then
                $" and {paths.Length - 5} more"
            else
                ""

        $"""{Decimals.counted paths.Length "empty file"}: {first}{more}"""

    let private images (have: int array, haveToTest: int array) (e: Experiment) =
        let d = e.Dataset
        let name, have, haveToTest = Dataset.name d, Array.max have, Array.max haveToTest
        let largest = d.ImagesPerClass |> Option.defaultValue have

        [
            if largest < 1 || largest > have then
                wrong "images per class" largest $"{name} has {have}" $"give 1 to {have}"
            elif float largest < d.ImbalanceFactor then
                wrong
                    "imbalance factor"
                    d.ImbalanceFactor
                    "leaves the last class no image"
                    $"give at most {largest}, or more images"
            match d.TestImages with
            | Some count when count < 1 || count > haveToTest ->
                wrong "test images" count $"{name} has {haveToTest} a class" $"give 1 to {haveToTest}"
            | _ -> ()
        ]

    /// That every class has the images which the tail asks of it; a set of equal classes always has.
    let private tail (have: int array) (e: Experiment) =
        try
            Dataset.classCounts have e.Dataset |> ignore
            []
        with :? InputException as fault ->
            [
                wrong "imbalance factor" e.Dataset.ImbalanceFactor fault.Message "give 1 to take every class as it is"
            ]

    let dataset files (e: Experiment) =
        let d = e.Dataset

        [
            if d.ImbalanceFactor < 1. then
                wrong
                    "imbalance factor"
                    d.ImbalanceFactor
                    "is largest over smallest, so at least 1"
                    (if d.ImbalanceFactor > 0. then
                         $"give {Digits.Brief(1. / d.ImbalanceFactor)}?"
                     else
                         "give 1 to take every class as it is")
            match known files d with
            | Some have ->
                match images have e with
                | [] when d.ImbalanceFactor >= 1. -> yield! tail (fst have) e
                | faults -> yield! faults
            | None -> ()
            match d.Packed with
            | Some side when side < 1 -> wrong "packed" side "keeps nothing" "give the shorter side, 256 or so"
            | Some side when side > Transform.largest ->
                wrong "packed" side "enlarges every file" $"give at most {Transform.largest}, 256 or so"
            | _ -> ()
        ]

    /// Files that hold nothing are broken, which is known without decoding them.
    let emptyFiles (files: DataFiles option) (e: Experiment) =
        let told field (paths: string seq) remedy =
            [
                if not (Seq.isEmpty paths) then
                    wrong field "" $"hold {emptyOf paths}" $"replace or remove them{remedy}"
            ]

        match files with
        | None -> []
        | Some { Facts = facts } ->
            [
                if e.Dataset.Broken <> BrokenImages.Skip then
                    yield! told "images to learn from" facts.EmptyToLearn ", or say skipBroken"
                yield! told "images to judge by" facts.EmptyToJudge ""
            ]

    /// That a step's images are there to take; other rules tell of counts that cannot be.
    let batch files (e: Experiment) =
        try
            match known files e.Dataset with
            | Some(have, _) when e.Schedule.Epochs > 0<epoch> ->
                let images = Dataset.classCounts have e.Dataset |> Array.sumBy int64

                [
                    if int64 e.Batch > images then
                        wrong "batch" e.Batch $"is more than the {images} images of an epoch" $"give 1 to {images}"
                ]
            | _ -> []
        with :? InputException ->
            []

    let groups (e: Experiment) =
        [
            match e.Groups with
            | Some(Grouping.Count(headAbove, tailBelow)) when
                headAbove < 0 || tailBelow < 0 || tailBelow > headAbove + 1
                ->
                wrong
                    "groups"
                    $"byThresholds {headAbove} {tailBelow}"
                    "are no thresholds of training images"
                    "give the head's, then a smaller one for the tail, as in byThresholds 100 20"
            | said when (Grouping.resolved e.Dataset said).IsNone ->
                match said with
                | Some Grouping.Step ->
                    wrong "groups" "byStep" "cuts at the step of stepImbalance, and there is none" "take byCount"
                | _ ->
                    wrong
                        "groups"
                        "byRange"
                        $"{Dataset.name e.Dataset} has no published class ranges"
                        "take byCount, or byThresholds"
            | _ -> ()
        ]

    /// Patches along a side beyond which attention, whose cost is the fourth power of them, is taken for a slip of the pen:
    /// 2,048 pixels in patches of 16.
    let private mostPatches = 128

    let private patches (e: Experiment) inputSide patchSize =
        let sides =
            [ Input.training; Input.testing ]
            |> List.map (fun list -> Input.side (list inputSide e.Input))
            |> List.distinct

        [
            if patchSize < 1 then
                wrong "patch size" patchSize "is below 1" "give the pixels of a patch's side"
            else
                let most = mostPatches * patchSize

                // A transform's side that no image should have is the input's problem.
                for side in sides |> List.filter (fun side -> side <= Transform.largest || side = inputSide) do
                    if side > most then
                        wrong
                            "side"
                            side
                            $"makes {pown (int64 (side / patchSize)) 2} patches of {patchSize} pixels, each of which attends to all"
                            $"give at most {most}"
                    elif side < patchSize || side % patchSize <> 0 then
                        let nearest = max 1 (int (Math.Round(float side / float patchSize))) * patchSize
                        wrong "side" side $"is no multiple of the patch size {patchSize}" $"take {nearest}"
        ]

    let private headCount path (file: BackboneFile) (e: Experiment) =
        [
            match file.ToldHeads, e.Model.Heads with
            | Some told, Some said when told <> said ->
                wrong "heads" said $"are not those of {path}, which tells {told}" "leave them out"
            | _ -> ()
            match file |> BackboneFile.heads e.Model with
            | None ->
                match file.UnreadHeads with
                | Some text ->
                    wrong
                        "heads"
                        ""
                        $"are no number in the metadata of {path}, which say heads = '{text}'"
                        "say them in the script as its authors publish them, as in heads 16: that decides"
                | None ->
                    wrong
                        "heads"
                        ""
                        $"are not told by {path} or by config.json beside it, and wrong ones go unseen"
                        "say heads N as its authors publish it, or put its config.json there"
            | Some heads when heads < 1 || file.Width % heads <> 0 ->
                wrong
                    "heads"
                    heads
                    $"do not divide the width {file.Width} of {path}"
                    "give those that its authors publish"
            | _ -> ()
        ]

    let private activation path (file: BackboneFile) (e: Experiment) =
        [
            match file.Activation, e.Model.Activation with
            | None, None ->
                wrong
                    "activation"
                    ""
                    $"is not told by {path}, CLIP's visual tower, and the wrong one goes unseen"
                    "say quickGelu for OpenAI's weights, gelu for LAION's; else see their page"
            | Some told, Some said when told <> said ->
                wrong "activation" said $"is not that of {path}, {told}" "leave it out"
            | _ -> ()
        ]

    /// ViT-22B's values (Dehghani et al. 2023).
    let private largestPublished = 22e9

    let backbone (file: Result<BackboneFile, string> option) (e: Experiment) =
        match e.Model.Backbone, file with
        | Pretrained path, Some(Error fault) -> [ wrong "weights" path fault "" ]
        | Pretrained path, Some(Ok file) ->
            activation path file e
            @ headCount path file e
            @ patches e file.InputSide file.PatchSize
        | Pretrained _, None -> []
        | Drawn shape, _ ->
            [
                yield! patches e shape.InputSide shape.PatchSize
                match e.Model.Activation with
                | Some said -> wrong "activation" said "is for CLIP's weights, and these are drawn" "leave it out"
                | None -> ()
                match e.Model.Heads with
                | Some said -> wrong "heads" said "are for weights, and these are drawn" "give them in the shape"
                | None -> ()
                if shape.Depth < 1 then
                    wrong "depth" shape.Depth "is below 1" "give the number of blocks"
                elif 12. * float shape.Depth * float shape.Width ** 2. > largestPublished then
                    wrong
                        "width"
                        shape.Width
                        $"with {shape.Depth} blocks makes a model larger than the largest that is published, of 22 billion values"
                        "give 192 and 12 blocks or so"
                if shape.Heads < 1 || shape.Width < 1 || shape.Width % shape.Heads <> 0 then
                    wrong "heads" shape.Heads $"do not divide the width {shape.Width}" "give a multiple"
            ]

    let model (e: Experiment) =
        let m = e.Model

        [
            if m.PromptLength < 0 then
                wrong "prompts" m.PromptLength "is negative" "give 0 for none"
            elif m.PromptLength > pown mostPatches 2 then
                wrong "prompts" m.PromptLength "are more tokens than any image has" "give 10 or so"
            if m.Readout = Some Readout.ClsAndPrompts && m.PromptLength = 0 then
                wrong "readout" "ClsAndPrompts" "has no prompts to read" "give prompts, or read the class token"
            if m.HeadInitial = HeadInitial.ClassMeans && m.Head <> HeadKind.Cosine then
                wrong "head" m.Head "cannot start from class means" "take cosineHead, or drawnHead"
            match m.Dropout with
            | Some { Rate = rate } -> yield! share "dropout" rate "give 0.1 or so"
            | None -> ()
            match m.Backbone with
            | Pretrained _ -> ()
            | Drawn _ ->
                if m.HeadInitial = HeadInitial.ClassMeans then
                    wrong "head" "classMeans" "needs a backbone that has learnt" "take drawnHead"

                if m.PromptLength > 0 then
                    wrong "prompts" m.PromptLength "prompt a backbone that is only drawn" "take none"

                if m.Tuning <> Tuning.Everything then
                    wrong "tuning" m.Tuning "leaves the drawn backbone as drawn" "take Tuning.Everything"
        ]

    let private mostEpochs = 100_000

    let schedule (e: Experiment) =
        let s = e.Schedule

        [
            if int s.Epochs < 0 then
                wrong "epochs" s.Epochs "is negative" "give 1 or more, or 0 to judge the model as initialised"
            elif int s.Epochs > mostEpochs then
                wrong
                    "epochs"
                    s.Epochs
                    "would not end: the longest published schedules have some thousand"
                    $"give at most {mostEpochs}"
            elif int s.Epochs = 0 && int s.Warmup = 0 then
                ()
            elif int s.Epochs = 0 then
                wrong "warm-up" s.Warmup "does not fit into 0 epochs" "give 0"
            elif int s.Warmup < 0 || s.Warmup >= s.Epochs then
                wrong "warm-up" s.Warmup $"does not fit into {s.Epochs} epochs" $"give 0 to {int s.Epochs - 1}"
            if e.Batch < 1 then
                wrong "batch" e.Batch "is below 1" "give the images of a step, 128 or so"
        ]
