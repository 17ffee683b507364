/// Which images an epoch takes (method.md 4.5, invariant 28), and when the sampler changes.
module LongTail.Tests.SamplerTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Settings

let private samplers: SamplerSettings list =
    [
        InstanceSampling()
        PowerSampling 0.0
        PowerSampling 0.5
        PowerSampling -1.0
        ProgressiveSampling()
        EffectiveNumberSampling 0.9
        ClassAwareSampling 4
    ]

/// Every image's class, in any order: a sampler may not count on its images lying class by class.
type private Images = { Counts: int list; Labels: int list }

let private images =
    gen {
        let! classes = Gen.choose (1, 6)
        let! counts = Gen.listOfLength classes (Gen.choose (1, 12))

        let! labels =
            counts
            |> List.mapi (fun j count -> List.replicate count j)
            |> List.concat
            |> Gen.shuffle

        return
            {
                Counts = counts
                Labels = List.ofArray labels
            }
    }
    |> Arb.fromGen

let private create (settings: SamplerSettings) images =
    use labels = torch.tensor [| for label in images.Labels -> int64 label |]
    Sampler.Create(settings, labels, List.toArray images.Counts)

let private drawn (sampler: Sampler) seed epoch epochs =
    use order = sampler.Order(seed, epoch, epochs)
    Expect.equal order.dtype torch.ScalarType.Int64 "dtype"
    [ for i in order.data<int64>().ToArray() -> int i ]

let private laws (settings: SamplerSettings) =
    testList
        $"{settings}"
        [
            testProperty "takes so many images as it says, and no others than there are"
            <| Prop.forAll images (fun images ->
                let sampler = create settings images
                let order = drawn sampler 3L 1 4

                let length =
                    match settings with
                    | :? ClassAwareSampling -> List.max images.Counts * images.Counts.Length
                    | _ -> images.Labels.Length

                Expect.equal sampler.Length (int64 length) "announced"
                Expect.hasLength order length "drawn"
                Expect.all order (fun i -> i >= 0 && i < images.Labels.Length) "positions")

            testProperty "draws by seed and epoch alone"
            <| Prop.forAll images (fun images ->
                let sampler = create settings images
                let order = drawn sampler 3L 1 4
                drawn sampler 5L 2 4 |> ignore
                torch.randn [| 3L |] |> _.Dispose()
                Expect.equal (drawn sampler 3L 1 4) order "again"
                Expect.equal (drawn (create settings images) 3L 1 4) order "by another")

            testCase "draws anew in another epoch and with another seed"
            <| fun () ->
                let sampler =
                    create
                        settings
                        {
                            Counts = [ 20; 20 ]
                            Labels = List.replicate 20 0 @ List.replicate 20 1
                        }

                let orders =
                    [ for seed, epoch in [ 1L, 0; 1L, 1; 2L, 0 ] -> drawn sampler seed epoch 9 ]

                Expect.hasLength (List.distinct orders) 3 "three"

            testCase "leaves nothing but the order behind"
            <| fun () ->
                let sampler =
                    create
                        settings
                        {
                            Counts = [ 2; 1 ]
                            Labels = [ 0; 1; 0 ]
                        }

                use scope = torch.NewDisposeScope()
                sampler.Order(1L, 0, 2) |> ignore
                Expect.equal scope.DisposablesCount 1 "tensors"

            if not (settings :? InstanceSampling) then
                testCase "names a class without an image"
                <| fun () ->
                    Expect.throwsC
                        (fun () -> create settings { Counts = [ 2; 0 ]; Labels = [ 0; 0 ] } |> ignore)
                        (fun error ->
                            Expect.isTrue (error :? InputException) $"an InputException, not {error}"
                            Expect.stringContains error.Message "Class 1" "which")
        ]

/// Pearson's statistic lies within five of its standard deviations of its mean.
let private expectFrequencies (counts: int list) (shares: float list) what =
    let total = float (List.sum counts)
    Expect.floatClose Accuracy.high (List.sum shares) 1.0 "shares"

    let statistic =
        List.zip counts shares
        |> List.sumBy (fun (n, p) -> (float n - total * p) ** 2.0 / (total * p))

    let freedom = float (counts.Length - 1)
    Order.isLessThan statistic (freedom + 5.0 * sqrt (2.0 * freedom)) $"{what}: {counts} for {shares}"

let private counts = [ 60; 20; 8; 2; 1 ]

let private normalised numbers =
    numbers |> List.map (fun x -> x / List.sum numbers)

let private ofClass power =
    counts |> List.map (fun n -> float n ** power) |> normalised

let private mixture t =
    List.map2 (fun a b -> (1.0 - t) * a + t * b) (ofClass 1.0) (ofClass 0.0)

let private frequencies (settings: SamplerSettings) epoch epochs shares =
    testCase $"{settings}, epoch {epoch} of {epochs}"
    <| fun () ->
        let images =
            {
                Counts = counts
                Labels = counts |> List.mapi (fun j n -> List.replicate n j) |> List.concat |> List.rev
            }

        let sampler = create settings images
        let hits = Array.zeroCreate<int> images.Labels.Length

        for seed in 1L .. 200L do
            for i in drawn sampler seed epoch epochs do
                hits[i] <- hits[i] + 1

        let hitsOf = List.zip images.Labels (List.ofArray hits)

        let ofClass =
            [
                for j in 0 .. counts.Length - 1 -> hitsOf |> List.filter (fun (y, _) -> y = j) |> List.sumBy snd
            ]

        expectFrequencies ofClass shares "classes"

        for j in 0..2 do
            let each = hitsOf |> List.filter (fun (y, _) -> y = j) |> List.map snd
            expectFrequencies each (List.replicate each.Length (1.0 / float each.Length)) $"images of class {j}"

let private probabilities =
    testList
        "draws classes and their images with the probabilities of"
        [
            frequencies (PowerSampling 1.0) 0 9 (ofClass 1.0)
            frequencies (PowerSampling 0.5) 3 9 (ofClass 0.5)
            frequencies (PowerSampling 0.0) 8 9 (ofClass 0.0)
            frequencies (PowerSampling -1.0) 8 9 (ofClass -1.0)
            frequencies (ProgressiveSampling()) 0 9 (mixture 0.0)
            frequencies (ProgressiveSampling()) 2 9 (mixture 0.25)
            frequencies (ProgressiveSampling()) 8 9 (mixture 1.0)
            frequencies (ProgressiveSampling()) 0 1 (mixture 0.0)
            let weight n = 0.1 / (1.0 - 0.9 ** float n)
            frequencies (EffectiveNumberSampling 0.9) 0 9 (normalised [ for n in counts -> float n * weight n ])
            frequencies (EffectiveNumberSampling 0.0) 0 9 (ofClass 1.0)
        ]

let private instance =
    testProperty "instance sampling takes every image once, in the order that earlier runs took"
    <| Prop.forAll images (fun images ->
        let order = drawn (create (InstanceSampling()) images) 7L 2 5
        use generator = Randomness.Stream(7L, Purpose.DataOrder, 2L)

        use earlier =
            torch.randperm (int64 order.Length, torch.ScalarType.Int64, generator = generator)

        Expect.equal order [ for i in earlier.data<int64>().ToArray() -> int i ] "bit for bit"
        Expect.equal (List.sort order) [ 0 .. order.Length - 1 ] "a permutation")

let private progressive =
    testProperty "progressive sampling begins as instance sampling with replacement and ends balanced"
    <| Prop.forAll images (fun images ->
        let order (settings: SamplerSettings) epoch =
            drawn (create settings images) 7L epoch 5

        Expect.equal (order (ProgressiveSampling()) 0) (order (PowerSampling 1.0) 0) "the first epoch"
        Expect.equal (order (ProgressiveSampling()) 4) (order (PowerSampling 0.0) 4) "the last epoch")

let private classAware =
    testProperty "class-aware sampling shuffles classes, and images within their class, in full cycles"
    <| Prop.forAll (Arb.zip (images, Gen.choose (1, 5) |> Arb.fromGen)) (fun (images, perClass) ->
        let labels = Array.ofList images.Labels
        let order = drawn (create (ClassAwareSampling perClass) images) 7L 2 5
        let classes = order |> List.map (Array.get labels)

        for cycle in classes |> List.chunkBySize (perClass * images.Counts.Length) do
            let rows = cycle |> List.chunkBySize perClass
            Expect.all rows (fun row -> (List.distinct row).Length = 1) "in a row"
            Expect.equal (rows |> List.map List.head |> List.distinct).Length rows.Length "each class once"

        for j, count in List.indexed images.Counts do
            let own = order |> List.filter (fun i -> labels[i] = j)

            for cycle in own |> List.chunkBySize count do
                Expect.equal (List.distinct cycle).Length cycle.Length $"class {j}: all before any repeats")

let private anew =
    testCase "class-aware sampling takes another order in every cycle, of classes and of a class's images"
    <| fun () ->
        let counts = [ 12; 4; 4; 4; 4; 4 ]

        let images =
            {
                Counts = counts
                Labels = counts |> List.mapi (fun j count -> List.replicate count j) |> List.concat
            }

        let order = drawn (create (ClassAwareSampling 1) images) 7L 2 5
        let classes = order |> List.map (fun i -> images.Labels[i]) |> List.chunkBySize 6
        Order.isGreaterThan (List.distinct classes).Length 6 "orders of the classes in 12 cycles"

        let ofLast =
            order |> List.filter (fun i -> images.Labels[i] = 5) |> List.chunkBySize 4

        Order.isGreaterThan (List.distinct ofLast).Length 1 "orders of the last class's images in 3 cycles"

let private outside: SamplerSettings list =
    [
        PowerSampling nan
        PowerSampling -1000.0
        PowerSampling 1000.0
        EffectiveNumberSampling 1.0
        EffectiveNumberSampling -0.1
        ClassAwareSampling 0
    ]

let private refused =
    testList
        "a number outside its range is refused"
        [
            for settings in outside do
                testCase $"{settings}"
                <| fun () ->
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () ->
                            create
                                settings
                                {
                                    Counts = [ 2; 1 ]
                                    Labels = [ 0; 1; 0 ]
                                }
                            |> ignore)
                        "refused"
        ]

let private schedules =
    let schedule (resampling: DeferredResampling | null) =
        use labels = torch.tensor [| 0L; 0L; 1L |]

        SamplingSchedule(ScheduleSettings(9, false, 0, null, InstanceSampling(), resampling), labels, [| 2; 1 |])

    let after epoch =
        DeferredResampling(epoch, ClassAwareSampling 4)

    testList
        "re-sampling"
        [
            testTheory
                "begins in the epoch after the last deferred one"
                [ -1, 0; 3, 4; 7, 8; 8, 9 ]
                (fun (last, first) ->
                    let schedule = schedule (after last)

                    for epoch in 0..8 do
                        Expect.equal (schedule.At(epoch) :? ClassAwareSampler) (epoch >= first) $"epoch {epoch}"
                        Expect.equal (schedule.At(epoch).Length) (if epoch >= first then 4L else 3L) "length")

            testCase "never begins without a rule"
            <| fun () ->
                for epoch in 0..8 do
                    Expect.isTrue ((schedule null).At(epoch) :? InstanceSampler) $"epoch {epoch}"

            testCase "is told of a class without an image before the first epoch"
            <| fun () ->
                use labels = torch.tensor [| 0L |]

                Expect.throwsT<InputException>
                    (fun () ->
                        SamplingSchedule(
                            ScheduleSettings(9, false, 0, null, InstanceSampling(), after 3),
                            labels,
                            [| 1; 0 |]
                        )
                        |> ignore)
                    "told"
        ]

[<Tests>]
let tests =
    testList
        "samplers"
        [
            for settings in samplers do
                laws settings
            probabilities
            instance
            progressive
            classAware
            anew
            refused
            schedules
        ]
