/// Streams named by what they are for (field.md B4.9).
module LongTail.Tests.RandomnessTests

open System
open System.Numerics
open Expecto
open TorchSharp
open LongTail.Core
open LongTail.Tests.Problems

let private draw (generator: torch.Generator) =
    use generator = generator
    use numbers = torch.randn ([| 6L |], generator = generator)
    bits numbers

[<Tests>]
let tests =
    testList
        "randomness"
        [
            testProperty "a stream is the same whenever it is made, whatever was drawn before"
            <| fun (seed: int64) (step: int64) (between: int) ->
                let stream () =
                    draw (Randomness.Stream(seed, Purpose.LossNoise, step))

                let first = stream ()
                draw (Randomness.Stream(int64 between, Purpose.Initial, step)) |> ignore
                torch.manual_seed (int64 between) |> ignore
                Expect.equal (stream ()) first "the same numbers"

            testProperty "seed, purpose, step and call each make another stream"
            <| fun (seed: int64) (step: int64) ->
                let streams =
                    [
                        Randomness.Stream(seed, Purpose.LossNoise, step)
                        Randomness.Stream(seed + 1L, Purpose.LossNoise, step)
                        Randomness.Stream(seed, Purpose.NeighborhoodNoise, step)
                        Randomness.Stream(seed, Purpose.LossNoise, step + 1L)
                        Randomness.Stream(seed, Purpose.LossNoise, step, call = 1)
                    ]
                    |> List.map draw

                Expect.hasLength (List.distinct streams) streams.Length "all different"

            testCase "80,000 keys of small seeds, steps and calls are all different"
            <| fun () ->
                let keys =
                    [|
                        for seed in -1L .. 8L do
                            for purpose in Enum.GetValues<Purpose>() do
                                for step in 0L .. 666L do
                                    for call in 0..1 do
                                        Randomness.Key(seed, purpose, step, call)
                    |]

                Expect.hasLength (Array.distinct keys) keys.Length "keys"
                // libtorch's CPU generator sees the low half: about 0.75 of these pairs meet there by chance.
                let low = keys |> Array.distinctBy uint32
                Order.isGreaterThan low.Length (keys.Length - 6) "low halves"

            testProperty "each bit of a step moves about half the key's bits"
            <| fun (seed: int64) (step: int64) ->
                let key step =
                    Randomness.Key(seed, Purpose.DataOrder, step)

                let moved =
                    [
                        for bit in 0..63 -> float (BitOperations.PopCount(key step ^^^ key (step ^^^ (1L <<< bit))))
                    ]

                // Each of 64 counts is Binomial(64, 1/2), deviation 4: their mean strays by 0.5, a single one rarely by 24.
                Order.isLessThan (abs (List.average moved - 32.0)) 4.0 "on average"
                Expect.all moved (fun count -> count > 8.0 && count < 56.0) "each"

            // Computed apart, in Python. Another key would change the numbers of every run.
            testCase "the keys are chained SplitMix64"
            <| fun () ->
                Expect.equal (Randomness.Key(0L, Purpose.Initial, 0L)) 2391539541053276776UL "zeros"
                Expect.equal (Randomness.Key(42L, Purpose.NeighborhoodNoise, 1000L, 1)) 3254705158263544410UL "a call"
                Expect.equal (Randomness.Key(-1L, Purpose.LossNoise, 7L)) 6681160267609676548UL "a negative seed"
        ]
