/// The algebra of what a person wants to compare.
module LongTail.Tests.SweepTests

open Expecto
open LongTail
open LongTail.Tests.Samples

let private experiments sweep =
    Sweep.settings sweep |> List.map _.Experiment

let private labels sweep =
    Sweep.settings sweep
    |> List.map (fun s -> s.Labels |> List.map snd |> String.concat ", ")

let private factors = List.map (fun n -> 1. + float (abs n % 100))

[<Tests>]
let tests =
    testList
        "sweep"
        [
            testCase "files that are not cut have no imbalance factor in a name, whatever their counts are" (fun () ->
                let called (naming: Naming) set =
                    naming.Full { one prompting with Dataset = set }

                let folders = classFolders "data/shots" "data/shots-test"

                for set, name, factor in
                    [
                        folders, "shots as it is", "as it is"
                        imagesPerClass 50 folders, "shots as it is, at most 50 a class", "as it is"
                        longTailed 10. folders, "shots IF 10", "10"
                        stepImbalance 1. folders, "shots as it is", "as it is"
                        ImageNetLt, "ImageNetLt as it is", "as it is"
                        Cifar10, "Cifar10 IF 1", "1"
                    ] do
                    Expect.equal (called dataset.Naming set) name name
                    Expect.equal (called imbalance.Naming set) factor name

                let listed =
                    prompting
                    |> overriding dataset (listFiles "train.txt" "test.txt" |> skipBroken)
                    |> overriding input (decode |> randomResizedCrop 32)

                inStore (fun store ->
                    Expect.equal
                        ((planned store listed).Runs |> List.map _.Label)
                        [ "frozen model: some, train as it is, broken ones skipped"; "prompting" ]
                        "in a plan"))
            testProperty "two axes give every pair once, in the order of the rows" (fun (xs: int list) (ys: int list) ->
                let found =
                    pretraining
                    |> vary imbalance (factors xs)
                    |> vary learningRate (factors ys)
                    |> experiments
                    |> List.map (fun e -> e.Dataset.ImbalanceFactor, e.Optimizer.LearningRate)

                found = List.distinct (List.allPairs (factors xs) (factors ys)))
            testProperty
                "seeds replicate every experiment and name no axis"
                (fun (xs: int list) (seedValues: int list) ->
                    let varied = pretraining |> vary imbalance (factors xs)
                    let replicated = varied |> seeds seedValues

                    List.length (experiments replicated) =
                        List.length (experiments varied) * List.length (List.distinct seedValues)
                    && Set(labels replicated)
                       |> Set.isSubset (Set(labels varied))
                       |> fun within -> within || seedValues.IsEmpty)
            testCase "rows are called as people call them" (fun () ->
                Expect.equal
                    (pretraining
                     |> vary perturbation [ none; sam 0.05; gnm 0.005 ]
                     |> vary loss [ crossEntropy; gcl 25. |> deferReweighting 4<epoch> ]
                     |> labels)
                    [
                        "sgd, CE"
                        "sgd, GCL+DRW"
                        "sam, CE"
                        "sam, GCL+DRW"
                        "gnm, CE"
                        "gnm, GCL+DRW"
                    ]
                    "labels")
            testCase "rows that the short names do not tell apart carry their numbers" (fun () ->
                Expect.equal
                    (pretraining |> vary perturbation [ sam 0.05; sam 0.1 ] |> labels)
                    [ "sam 0.05"; "sam 0.1" ]
                    "labels"

                Expect.equal
                    (pretraining |> vary loss [ gcl 25.; gcl 30. ] |> labels)
                    [ "GCL s=25 m=0.1 noise=1"; "GCL s=30 m=0.1 noise=1" ]
                    "labels")
            testCase "every perturbation, loss and sampler has a name, and with its numbers another" (fun () ->
                let perturbations =
                    [
                        none
                        gnm 0.005
                        sam 0.05
                        asam 0.5
                        imbSam 0.05
                        focalSam 0.05 5.5 0.8
                        lpfSgd 0.001 4
                        rwp 0.01
                    ]

                Expect.equal
                    (pretraining |> vary perturbation perturbations |> labels)
                    [ "sgd"; "gnm"; "sam"; "asam"; "imbsam"; "focal-sam"; "lpf-sgd"; "rwp" ]
                    "perturbations"

                Expect.equal
                    (pretraining
                     |> vary
                         perturbation
                         [
                             gnm 0.005
                             literalGnm 0.005
                             perturbed (Gnm(0.005, PublishedOff, true))
                             focalSam 0.05 5.5 0.8
                             lpfSgd 0.001 4
                             perturbed (LpfSgd(0.001, 4, 15.))
                         ]
                     |> labels)
                    [
                        "gnm 0.005"
                        "gnm 0.005, literal"
                        "gnm 0.005, doubled every epoch, literal"
                        "focal-sam 0.05 gamma=5.5 sharpness=0.8"
                        "lpf-sgd 0.001 draws=4"
                        "lpf-sgd 0.001 draws=4 growth=15"
                    ]
                    "with numbers"

                Expect.equal
                    (pretraining
                     |> vary
                         loss
                         [
                             crossEntropy |> labelSmoothing 0.1
                             crossEntropy |> labelAwareSmoothing Concave 0.4 0.1
                             crossEntropy |> classBalanced 0.99 |> focal 1.
                             crossEntropy |> adjustedPostHoc 1.
                             ldam 30. |> deferReweighting 4<epoch>
                             balancedSoftmax
                         ]
                     |> labels)
                    [
                        "CE+LS"
                        "CE+LAS"
                        "CE+focal+CB"
                        "CE+LA post hoc"
                        "LDAM+DRW"
                        "balanced softmax"
                    ]
                    "losses"

                Expect.equal
                    (pretraining
                     |> vary
                         loss
                         [
                             ldam 30.
                             unscaledLdam 30.
                             logitAdjusted 2. |> focalOfWeighted 2.
                             crossEntropy |> labelAwareSmoothing (Power 2.) 0.4 0.1
                         ]
                     |> labels)
                    [
                        "LDAM s=30 m=0.5"
                        "LDAM s=30 m=0.5, unscaled"
                        "LA tau=2+focal 2 of weighted"
                        "CE+LAS power 2 0.4 to 0.1"
                    ]
                    "with numbers"

                Expect.equal
                    (pretraining
                     |> vary
                         sampling
                         [
                             instanceSampling
                             classBalancedSampling
                             squareRootSampling
                             progressiveSampling
                             effectiveNumberSampling 0.99
                             classAwareSampling 4
                             instanceSampling |> deferResampling 4<epoch> classBalancedSampling
                         ]
                     |> labels)
                    [
                        "instance"
                        "class-balanced"
                        "square-root"
                        "progressive"
                        "effective number"
                        "class-aware"
                        "instance, then class-balanced"
                    ]
                    "samplers")
            testCase "what overriding replaced may be varied" (fun () ->
                let sweep =
                    pretraining
                    |> vary imbalance [ 10. ]
                    |> overriding imbalance 20.
                    |> vary imbalance [ 50. ]

                Expect.isEmpty (Sweep.faults sweep) "no fault"
                Expect.equal (labels sweep) [ "50" ] "one label"
                Expect.equal (experiments sweep |> List.map _.Dataset.ImbalanceFactor) [ 50. ] "the later value")
            testCase "where keeps what its condition holds of" (fun () ->
                let sweep =
                    pretraining
                    |> vary promptLength [ 0; 5; 10 ]
                    |> Sweep.where (fun e -> e.Model.PromptLength > 0)

                Expect.equal (labels sweep) [ "5"; "10" ] "labels")
        ]
