/// The golden values of method.md 2.5 and 5, in float64 to 1e-9.
module LongTail.Tests.GoldenLosses

open System
open Expecto
open TorchSharp
open LongTail.Core.Losses
open LongTail.Core.Settings
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private float64 = torch.ScalarType.Float64
let private counts = [| 100; 50; 20; 5 |]

let private outputs =
    [ [ 0.5; -0.2; 0.1; 0.3 ]; [ -0.1; 0.8; 0.2; -0.4 ]; [ 0.2; 0.1; -0.3; 0.6 ] ]

let private draws =
    [
        [ 0.3; -0.6; 0.9; -0.1 ]
        [ -1.0; 0.2; 0.4; 0.5 ]
        [ 0.05; -0.35; 0.0; 0.75 ]
    ]

let private agree actual expected what =
    for a, e in Seq.zip actual expected do
        Expect.isLessThan (abs (a - e)) 1e-9 $"{what}: %.12f{a} for %.12f{e}"

let private given = LossNoise(fun _ -> matrix float64 draws)

/// The loss of the golden batch, weighted by effective numbers where a beta is given.
let private lossOf (loss: Loss) beta =
    use _ = torch.NewDisposeScope()
    use loss = loss

    let weights: torch.Tensor | null =
        match beta with
        | Some beta -> torch.tensor (ClassWeights.EffectiveNumber(counts, beta), float64)
        | None -> null

    loss.Of(matrix float64 outputs, torch.tensor [| 0L; 2L; 3L |], weights, given).ToDouble()

let private made logits scale =
    Loss.Create(LossSettings(scale, logits, null, null), counts, float64)

let private clouded margin noise =
    made (GaussianCloudedSettings(margin, noise)) 25.0

[<Tests>]
let tests =
    testList
        "golden"
        [
            testList
                "losses"
                [
                    testCase "effective-number weights"
                    <| fun () ->
                        agree
                            (ClassWeights.EffectiveNumber(counts, 0.9998))
                            [
                                0.14408446421762744
                                0.28673512139237595
                                0.7146928000999275
                                2.8544876142900693
                            ]
                            "beta 0.9998"

                        agree
                            (ClassWeights.EffectiveNumber(counts, 0.9999))
                            [
                                0.14347009638541025
                                0.2862245969888598
                                0.7144895264879468
                                2.8558157801377826
                            ]
                            "beta 0.9999"

                    testCase "cross-entropy"
                    <| fun () ->
                        agree [ lossOf (made (PlainLogits()) 1.0) None ] [ 1.1649178208591577 ] "plain"
                        agree [ lossOf (made (PlainLogits()) 1.0) (Some 0.9999) ] [ 1.0733182434870414 ] "beta 0.9999"
                        agree [ lossOf (made (PlainLogits()) 1.0) (Some 0.9998) ] [ 1.0733711172922409 ] "beta 0.9998"

                    testCase "GCL's difficulty"
                    <| fun () ->
                        agree
                            (GaussianClouded.Difficulty counts)
                            [ 0.0; 0.23137821315975932; 0.5372435736804818; 1.0 ]
                            "d"

                    testCase "GCL's scaled logits"
                    <| fun () ->
                        use _ = torch.NewDisposeScope()
                        use loss = new GaussianClouded(counts, 25.0, 0.1, 1.0, float64)

                        let logits =
                            loss.Logits(matrix float64 outputs, torch.tensor [| 0L; 2L; 3L |], given)

                        agree
                            (numbers logits)
                            [
                                10.0
                                -8.470673197396389
                                -9.587980407810843
                                5.0
                                -2.5
                                18.843108934201204
                                -2.8724357368048183
                                -22.5
                                5.0
                                0.4754406348521062
                                -7.5
                                -6.25
                            ]
                            "s c'"

                    testCase "GCL"
                    <| fun () ->
                        agree [ lossOf (clouded 0.1 1.0) None ] [ 10.994352583597978 ] "s 25, m 0.1"
                        agree [ lossOf (clouded 0.1 1.0) (Some 0.9998) ] [ 12.836336802604759 ] "re-weighted"
                        agree [ lossOf (clouded 0.0 0.0) None ] [ 5.002269966701644 ] "no noise, no margin"
                ]
        ]
