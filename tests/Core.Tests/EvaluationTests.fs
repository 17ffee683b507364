module LongTail.Tests.EvaluationTests

open System
open Expecto
open LongTail.Core.Evaluation
open LongTail.Core.Settings

let private value (number: Nullable<float>) = number.Value

let private close actual expected message =
    Expect.floatClose Accuracy.veryHigh actual expected message

/// Predictions and targets of a test set with the same number of images of each class.
let private balanced (predicted: byte list) =
    let classes = 4
    let perClass = 1 + predicted.Length / classes
    let targets = Array.init (classes * perClass) (fun i -> int64 (i % classes))
    let predicted = Array.ofList (0uy :: predicted)

    targets
    |> Array.mapi (fun i _ -> int64 predicted[i % predicted.Length] % int64 classes),
    targets,
    classes

/// Confidences in (0, 1] and whether the predictions were right, of one image at least.
let private judged (images: (uint16 * bool) list) =
    (0us, true) :: images
    |> List.map (fun (confidence, correct) -> (float confidence + 1.) / 65536., correct)
    |> Array.ofList
    |> Array.unzip

let private accuracyTests =
    testList
        "accuracy"
        [
            testCase "each mean is what its name says" (fun () ->
                let accuracy =
                    ClassAccuracy.Of([| 0L; 0L; 1L; 2L; 1L; 2L |], [| 0L; 0L; 0L; 1L; 1L; 2L |], 4)

                Expect.equal
                    (List.ofSeq accuracy.PerClass)
                    [ Nullable(2. / 3.); Nullable 0.5; Nullable 1.; Nullable() ]
                    "class by class; the last one has no image"

                close accuracy.Top1 (4. / 6.) "images"
                close accuracy.Macro ((2. / 3. + 0.5 + 1.) / 3.) "classes"
                close accuracy.Harmonic (3. / (1.5 + 2. + 1.)) "harmonic"
                close accuracy.Worst 0.5 "worst")

            testCase "a class that is never right makes the harmonic mean 0" (fun () ->
                let accuracy = ClassAccuracy.Of([| 0L; 0L |], [| 0L; 1L |], 2)
                Expect.equal accuracy.Harmonic 0. "harmonic mean"
                Expect.equal accuracy.Worst 0. "worst class")

            testProperty "on a balanced test set images and classes agree" (fun predicted ->
                let predicted, targets, classes = balanced predicted
                let accuracy = ClassAccuracy.Of(predicted, targets, classes)
                close accuracy.Top1 accuracy.Macro "top-1 and macro")

            testProperty "worst <= harmonic <= macro, all within [0, 1]" (fun predicted ->
                let accuracy = ClassAccuracy.Of(balanced predicted)

                [ 0.; accuracy.Worst; accuracy.Harmonic; accuracy.Macro; 1. ]
                |> List.pairwise
                |> List.forall (fun (low, high) -> low <= high + 1e-12))

            testProperty "the order of the images changes nothing" (fun predicted seed ->
                let predicted, targets, classes = balanced predicted

                let order =
                    Array.randomShuffleWith (Random(seed: int)) [| 0 .. targets.Length - 1 |]

                let shuffled (values: int64[]) = order |> Array.map (fun i -> values[i])
                let one = ClassAccuracy.Of(predicted, targets, classes)
                let other = ClassAccuracy.Of(shuffled predicted, shuffled targets, classes)
                Seq.toList one.PerClass = Seq.toList other.PerClass && one.Top1 = other.Top1)

            testCase "what cannot be counted is refused" (fun () ->
                let refused (predicted: int64[]) (targets: int64[]) =
                    Expect.throwsT<ArgumentException>
                        (fun () -> ClassAccuracy.Of(predicted, targets, 2) |> ignore)
                        "refused"

                refused [||] [||]
                refused [| 0L |] [| 0L; 1L |]
                refused [| 0L |] [| 2L |]
                refused [| 0L |] [| -1L |])
        ]

let private groupTests =
    testList
        "groups"
        [
            testCase "by count, 100 and 20 are medium" (fun () ->
                Expect.equal
                    (CountGroups.Usual.Of [| 101; 100; 20; 19 |])
                    [| Group.Head; Group.Medium; Group.Medium; Group.Tail |]
                    "groups")

            testList
                "the published ranges come out"
                [
                    for set, sizes in
                        [
                            ImageSet.Cifar100, [ 36; 35; 29 ]
                            ImageSet.Cifar10, [ 3; 4; 3 ]
                            ImageSet.ImageNetLt, [ 390; 445; 165 ]
                            ImageSet.PlacesLt, [ 131; 157; 77 ]
                            ImageSet.INaturalist2018, [ 842; 3701; 3599 ]
                        ] ->
                        testCase $"{set}" (fun () ->
                            let rule = RangeGroups.Published(PublishedImages set) |> nonNull
                            let groups = rule.Of(Array.create (List.sum sizes) 1)

                            let expected =
                                List.map2 List.replicate sizes [ Group.Head; Group.Medium; Group.Tail ]
                                |> List.concat

                            Expect.equal (List.ofArray groups) expected "head, then medium, then tail")
                ]

            testCase "a set without published ranges has none" (fun () ->
                let sources: DataSource list =
                    [ PublishedImages ImageSet.FashionMnist; ListedImages("a", "b") ]

                for source in sources do
                    Expect.isNull (RangeGroups.Published source) $"{source}")

            testCase "groups of step imbalance are cut at the step" (fun () ->
                for classes in [ 2; 5; 10 ] do
                    let counts =
                        LongTail.Core.Data.LongTailed.Counts(ImbalanceProfile.Step, 10., 500, classes)

                    let groups = StepGroups().Of counts

                    for group, n in Seq.zip groups counts do
                        Expect.equal group (if n = 500 then Group.Head else Group.Tail) $"{n} images")

            testCase "thresholds of one's own" (fun () ->
                Expect.equal
                    (CountGroups(200, 50).Of [| 201; 200; 50; 49 |])
                    [| Group.Head; Group.Medium; Group.Medium; Group.Tail |]
                    "groups")

            testProperty
                "the groups' means combine to the mean of all classes"
                (fun (accuracies: byte[]) (counts: byte[]) ->
                    let n = min accuracies.Length counts.Length
                    let accuracies = Array.init n (fun j -> Nullable(float accuracies[j] / 255.))
                    let counts = Array.init n (fun j -> int counts[j])
                    let groups = CountGroups.Usual.Of counts
                    let means = CountGroups.Usual.Means(accuracies, counts)

                    let combined =
                        [ Group.Head, means.Head; Group.Medium, means.Medium; Group.Tail, means.Tail ]
                        |> List.sumBy (fun (group, mean) ->
                            let size = groups |> Array.filter ((=) group) |> Array.length
                            Expect.equal mean.HasValue (size > 0) "a mean where there is a class"
                            float size * mean.GetValueOrDefault())

                    close combined (accuracies |> Array.sumBy value) "sum over the classes")

            testCase "an empty group is null" (fun () ->
                let means = CountGroups.Usual.Means([| Nullable 1.; Nullable() |], [| 101; 1 |])

                Expect.equal
                    means
                    (GroupMeans(Nullable 1., Nullable(), Nullable()))
                    "no class, and no class with images")
        ]

let private calibrationTests =
    testList
        "calibration"
        [
            testCase "golden: bins are closed on their right" (fun () ->
                let calibration =
                    Calibration.Of(
                        [| 0.05; 1. / 15.; 0.0666667; 0.5; 0.9; 0.95; 1.; 0.3 |],
                        [| false; true; true; true; true; false; true; false |]
                    )

                Expect.floatClose Accuracy.high calibration.ExpectedError 0.45833332917 "ECE"
                Expect.floatClose Accuracy.high (calibration.MaximumError) 0.9333333 "MCE")

            testProperty "0 <= ECE <= MCE <= 1" (fun images ->
                let calibration = Calibration.Of(judged images)
                let ece, mce = calibration.ExpectedError, calibration.MaximumError
                0. <= ece && ece <= mce + 1e-12 && mce <= 1.)

            testProperty "the order of the images changes nothing" (fun images ->
                let calibration (images: _ list) = Calibration.Of(judged images)
                let one, other = calibration images, calibration (List.rev images)
                close one.ExpectedError other.ExpectedError "ECE"
                close one.MaximumError other.MaximumError "MCE")

            testProperty "in one bin it is |accuracy - confidence|" (fun (images: (byte * bool) list) (bin: byte) ->
                let images = (1uy, true) :: images
                // Strictly inside the bin, so that rounding cannot move an image to its neighbour.
                let confidences =
                    [| for c, _ in images -> (float (bin % 15uy) + (float c + 1.) / 257.) / 15. |]

                let correct = [| for _, right in images -> right |]
                let accuracy = correct |> Array.averageBy (fun right -> if right then 1. else 0.)
                let gap = abs (accuracy - Array.average confidences)
                let calibration = Calibration.Of(confidences, correct)
                close calibration.ExpectedError gap "ECE"
                close (calibration.MaximumError) gap "MCE")

            testProperty "bins have every image once, by rising confidence" (fun images ->
                let confidences, correct = judged images
                let bins = List.ofSeq (nonNull (Calibration.Of(confidences, correct).Bins))
                let right = correct |> Array.sumBy (fun right -> if right then 1. else 0.)

                Expect.equal (bins |> List.sumBy _.Images) confidences.Length "images"
                close (bins |> List.sumBy (fun b -> float b.Images * b.Accuracy)) right "right ones"

                close
                    (bins |> List.sumBy (fun b -> float b.Images * b.Confidence))
                    (Array.sum confidences)
                    "confidence"

                Expect.isTrue
                    (List.pairwise bins |> List.forall (fun (a, b) -> a.Confidence < b.Confidence))
                    "by confidence")

            testCase "right as often as confident is 0" (fun () ->
                let calibration = Calibration.Of(Array.create 4 0.75, [| true; true; true; false |])
                close calibration.ExpectedError 0. "ECE")

            testCase "a bin weighs by its images" (fun () ->
                let calibration =
                    Calibration.Of([| 0.95; 0.95; 0.95; 0.5 |], [| true; true; true; false |])

                close calibration.ExpectedError ((3. * 0.05 + 0.5) / 4.) "ECE")

            testTheory "what is no confidence is refused" [ 0.; nan ] (fun confidence ->
                Expect.throwsT<ArgumentException>
                    (fun () -> Calibration.Of([| confidence; 0.5 |], [| true; true |]) |> ignore)
                    "refused")
        ]

[<Tests>]
let tests = testList "evaluation" [ accuracyTests; groupTests; calibrationTests ]
