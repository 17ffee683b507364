/// What an epoch's number decides: learning rate, size of GNM's noise, class weights (method.md 1.3, 2.3, 5).
module LongTail.Tests.ScheduleTests

open System
open Expecto
open FsCheck.FSharp
open LongTail.Core.Optimizers
open LongTail.Core.Settings

let private schedule epochs lag warmup =
    ScheduleSettings(epochs, lag, warmup, null, InstanceSampling(), null)

let private schedules =
    gen {
        let! epochs = Gen.choose (1, 120)
        let! warmup = Gen.choose (0, epochs - 1)
        let! lag = Gen.elements [ true; false ]
        return epochs, lag, warmup
    }
    |> Arb.fromGen

let private rates (epochs, lag, warmup) =
    [
        for epoch in 0 .. epochs - 1 -> CosineSchedule.At(schedule epochs lag warmup, 0.005, epoch)
    ]

let private cosine =
    testList
        "cosine"
        [
            testTheory
                "the published rates of 70 epochs, to 1e-12"
                [
                    0, 0.005
                    1, 0.005
                    2, 0.004997482666353287
                    35, 0.002612162075876288
                    36, 0.0025
                    59, 0.00035387801599533474
                    60, 0.000298511170358155
                    69, 1.006426501190233e-05
                ]
                (fun (epoch, expected) ->
                    let rate = CosineSchedule.At(schedule 70 true 0, 0.005, epoch)
                    Order.isLessThan (abs (rate - expected)) 1e-12 $"epoch {epoch}")

            testProperty "positive through the last epoch, and never above the base"
            <| Prop.forAll schedules (fun settings ->
                Expect.all (rates settings) (fun rate -> rate > 0.0 && rate <= 0.005) "in (0, base]")

            testProperty "rises evenly through the warm-up, reaches the base once it ends, and never rises again"
            <| Prop.forAll schedules (fun (epochs, lag, warmup) ->
                let rates = rates (epochs, lag, warmup)

                for epoch in 0..warmup do
                    let share = float (epoch + 1) / float (warmup + 1)
                    Expect.floatClose Accuracy.veryHigh rates[epoch] (0.005 * share) $"share of epoch {epoch}"

                Expect.equal rates[warmup] 0.005 "the base"
                Expect.isDescending (List.skip warmup rates) "cosine")

            testProperty "after the warm-up it is the cosine of the epochs that are left"
            <| Prop.forAll schedules (fun (epochs, lag, warmup) ->
                Expect.equal
                    (rates (epochs, lag, warmup) |> List.skip warmup)
                    (rates (epochs - warmup, lag, 0))
                    "rates")

            testProperty "the lag repeats the first rate and is the plain schedule an epoch late"
            <| Prop.forAll schedules (fun (epochs, _, warmup) ->
                let plain = rates (epochs, false, warmup)
                let lagging = rates (epochs, true, warmup)
                let after = List.skip warmup

                Expect.equal
                    (after lagging)
                    (List.head (after plain) :: after plain |> List.truncate (epochs - warmup))
                    "late")

            testTheory
                "what the schedule does not cover is refused"
                [ 10, 0, 10; 10, 0, -1; 10, 10, 0; 10, -1, 0; 0, 0, 0 ]
                (fun (epochs, warmup, epoch) ->
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> CosineSchedule.At(schedule epochs false warmup, 0.1, epoch) |> ignore)
                        "refused")

            testTheory "a base rate outside its range is refused" [ -0.1; nan; infinity ] (fun rate ->
                Expect.throwsT<ArgumentOutOfRangeException>
                    (fun () -> CosineSchedule.At(schedule 10 false 0, rate, 0) |> ignore)
                    "refused")
        ]

let private multiplier =
    let literal epoch every =
        NoiseMultiplier.At(epoch, Nullable every, true)

    let clean epoch every =
        NoiseMultiplier.At(epoch, Nullable every, false)

    let epochs = Gen.zip (Gen.choose (1, 80)) (Gen.choose (0, 400)) |> Arb.fromGen

    testList
        "noise multiplier"
        [
            testTheory
                "the published values for E = 59"
                [
                    0, 2.0
                    1, 1.0
                    2, 1.0
                    59, 1.0
                    60, 0.5
                    69, 0.5
                    118, 0.5
                    119, 0.25
                    177, 0.25
                    178, 0.125
                ]
                (fun (epoch, expected) -> Expect.equal (literal epoch 59) expected $"m({epoch})")

            testProperty "literal: 2 in epoch 0, 1 to E, a half to 2 E"
            <| Prop.forAll epochs (fun (every, epoch) ->
                let expected =
                    if epoch = 0 then 2.0
                    elif epoch <= every then 1.0
                    elif epoch <= 2 * every then 0.5
                    else Math.Pow(0.5, floor (float (epoch - 1) / float every))

                Expect.equal (literal epoch every) expected "m")

            testProperty "clean: the literal one, but never above 1"
            <| Prop.forAll epochs (fun (every, epoch) ->
                Expect.equal (clean epoch every) (min 1.0 (literal epoch every)) "m")

            testProperty "never grows from epoch 1 on"
            <| Prop.forAll epochs (fun (every, epoch) ->
                Order.isLessThanOrEqual (literal (epoch + 2) every) (literal (epoch + 1) every) "m")

            testTheory "without halving it is 1, also in epoch 0" [ 0; 1; 70 ] (fun epoch ->
                Expect.equal (NoiseMultiplier.At(epoch, Nullable(), true)) 1.0 "m")

            testTheory
                "literal: the published \"off\", E = -1, doubles the noise every epoch"
                [ 0, 0.5; 1, 1.0; 2, 2.0; 3, 4.0; 10, 512.0 ]
                (fun (epoch, expected) -> Expect.equal (literal epoch -1) expected $"m({epoch})")

            testTheory
                "a halving below one epoch, or an epoch below 0, is refused; literal, only E = 0"
                [ 3, 0, true; 3, 0, false; 3, -1, false; -1, 59, true ]
                (fun (epoch, every, literal) ->
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> NoiseMultiplier.At(epoch, Nullable every, literal) |> ignore)
                        "refused")
        ]

[<Tests>]
let tests = testList "schedules" [ cosine; multiplier ]
