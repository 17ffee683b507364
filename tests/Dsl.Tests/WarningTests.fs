/// What an experiment that can run may not be meant to do, and what a file tells of its backbone.
module LongTail.Tests.WarningTests

open System.Collections.ObjectModel
open Expecto
open LongTail
open LongTail.Core.Settings
open LongTail.Tests.Samples

let private fields file e =
    Validation.warnings (holding file) e |> List.map _.Field

/// Where a backbone comes from, as a file's name and metadata tell it.
let private pretrainings =
    let told (name: string, metadata) =
        let learnt =
            Pretraining.told name (name.Contains "clip") (dict metadata |> ReadOnlyDictionary)

        learnt.Data, learnt.Normalisation |> Option.map _.Mean

    let half = Rgb(0.5, 0.5, 0.5)

    testTheory
        "a file's name or metadata tells what it has learnt, or nothing does"
        [
            ("deit_tiny_patch16_224.safetensors", []), (Some "ImageNet-1k", Some imageNet.Mean)
            ("deit3_base_patch16_224.fb_in22k_ft_in1k.safetensors", []), (Some "ImageNet-21k", Some imageNet.Mean)
            ("vit_base_patch16_224.augreg_in21k.safetensors", []), (Some "ImageNet-21k", Some half)
            ("vit_base_patch16_224.safetensors", []), (None, None)
            ("vit_base_patch16_clip_224.laion2b_ft_in12k_in1k.safetensors", []), (Some "ImageNet-12k", Some clip.Mean)
            ("vit_large_patch14_clip_224.laion2b.safetensors", []), (Some "LAION-2B", Some half)
            ("a clip.safetensors", []), (None, Some clip.Mean)
            ("vit_base_patch14_reg4_dinov2.lvd142m.safetensors", []),
            (Some "LVD-142M, and with it ImageNet-22k", Some imageNet.Mean)
            ("mine.safetensors", [ "data", "CIFAR-100, all of it" ]), (Some "CIFAR-100, all of it", None)
        ]
        (fun (file, expected) -> Expect.equal (told file) expected "data and mean")

/// Sound, and hardly what anybody means.
let private doubtful =
    let file =
        { backboneFile with
            Pretraining =
                {
                    Data = Some "CIFAR-100"
                    Normalisation = Some imageNet
                }
        }

    let e =
        experiment "doubtful" {
            dataset (Cifar100 |> longTailed 2.)
            input (side 32 |> normalise cifar)
            model (vit "some.safetensors" |> deepPrompts 5)
            loss (crossEntropy |> classBalanced 0.9)
            optimizer (sgd 0.01 |> literalGnm 0.005)
            schedule (cosine 6<epoch>)
            evaluation bestOnTest
        }
        |> one

    testList
        "of a doubtful experiment"
        [
            testCase "seven doubts are seven warnings at once, and no error" (fun () ->
                Expect.isOk (Validation.check (holding file) e) "sound"

                Expect.equal
                    (fields file e)
                    [
                        "imbalance factor"
                        "imbalance factor"
                        "beta"
                        "literalGnm"
                        "weights"
                        "normalise mean"
                        "evaluation"
                    ]
                    "no medium class, no tail, uniform weights, plain gnm, leaked classes, other pixels, selection on test")
            testCase
                "weights of classes that are all alike are doubtful, in the loss and in a deferred sampler"
                (fun () ->
                    let e =
                        { e with
                            Dataset = Cifar100
                            Sampling = instanceSampling |> deferResampling 2<epoch> (effectiveNumberSampling 0.9999)
                        }

                    Expect.equal (fields file e |> List.filter _.EndsWith("beta")) [ "beta"; "sampling beta" ] "fields")
            testTheory
                "a backbone knows its own set, and an ImageNet's knows CIFAR's classes"
                [
                    "CIFAR-100", Cifar100, true
                    "CIFAR-100", Cifar10, false
                    "CIFAR-10", Cifar10, true
                    "ImageNet-1k", Cifar10, true
                    "ImageNet-21k", Cifar100, true
                    "ImageNet-1k", FashionMnist, false
                    "ImageNet-21k", ImageNetLt, true
                    "ImageNet-1k", PlacesLt, false
                    "ImageNet-1k", listFiles "a.txt" "b.txt", false
                    "Fashion-MNIST", FashionMnist, true
                ]
                (fun (data, set, expected) ->
                    let learnt =
                        {
                            Data = Some data
                            Normalisation = None
                        }

                    Expect.equal (learnt |> Pretraining.covers set) expected "covers")
            testTheory
                "pixel statistics are the weights' up to their last digits"
                [ 0., true; 2e-4, true; 2e-3, false ]
                (fun (off, near) ->
                    let learnt =
                        {
                            Data = None
                            Normalisation =
                                Some
                                    { imageNet with
                                        Deviation = Rgb(imageNet.Deviation.Red + off, 0.224, 0.225)
                                    }
                        }

                    Expect.equal (learnt |> Pretraining.isNormalised imageNet) near $"{off}")
            testCase "the house's own backbone says what it has learnt" (fun () ->
                match BackboneFile.read $"{__SOURCE_DIRECTORY__}/../../weights/vit-mini.safetensors" with
                | Ok file -> Expect.isTrue (file.Pretraining |> Pretraining.covers Cifar100) "CIFAR-100"
                | Error fault -> failtest fault)
        ]

[<Tests>]
let tests =
    testList
        "warnings"
        [
            pretrainings
            doubtful
            testCase "what is odd in a set's files is told once, however many experiments learn from them" (fun () ->
                let doubt =
                    LongTail.Core.Data.DataDoubt(
                        "test.txt",
                        "1 of 9 images are images to learn from too: a.jpg",
                        "remove them"
                    )

                let odd =
                    { sources with
                        Data =
                            fun source ->
                                let files = dataFiles "" source

                                Ok
                                    { files with
                                        Facts =
                                            LongTail.Core.Data.DataFacts(
                                                files.Facts.Train,
                                                files.Facts.Test,
                                                files.Facts.Side,
                                                "",
                                                [| doubt |]
                                            )
                                    }
                    }

                let lists =
                    { one prompting with
                        Dataset = listFiles "train.txt" "test.txt"
                    }

                Expect.equal
                    [
                        for e in [ lists; { lists with Name = "another" } ] do
                            yield!
                                Validation.warnings odd e
                                |> List.map string
                                |> List.filter _.Contains("test.txt")
                    ]
                    (List.replicate 2 "data: test.txt: 1 of 9 images are images to learn from too: a.jpg; remove them")
                    "one line, the same for both")
            testCase "a group without a class and noise that halves again and again are warnings" (fun () ->
                let balancedTail =
                    { one prompting with
                        Dataset = FashionMnist |> longTailed 10.
                    }

                Expect.equal
                    (fields backboneFile balancedTail)
                    [ "imbalance factor"; "imbalance factor" ]
                    "no medium, no tail"

                Expect.equal
                    (fields
                        backboneFile
                        { one prompting with
                            Schedule = cosine 20<epoch>
                        })
                    [ "gnm" ]
                    "6 halvings of epochs 4, 7, 10, 13, 16, 19"

                let e = one prompting

                Expect.equal
                    (fields
                        backboneFile
                        { e with
                            Optimizer = e.Optimizer |> perturbed (ImbSam(0.05, 6)) |> rateTimes 2. Backbone
                        })
                    [ "imbSam"; "groups" ]
                    "the smallest class has 6 images, and the backbone is frozen")
        ]
