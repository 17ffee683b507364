/// Noise that is a function of seed, step, draw, name and index (field.md B4.9, method.md 9.5).
module LongTail.Tests.NoiseTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private float32 = torch.ScalarType.Float32
let private float64 = torch.ScalarType.Float64

let private at step = Moment(int64 (step: int), 1, rate)

let private drawn seed (now: Moment) draw parameters =
    numbers (ValueNoise.Drawn(seed, parameters).Invoke(now, draw))

let private zeros (dtype: torch.ScalarType) (names: (string * int) list) =
    parametersOf [ for name, count in names -> name, torch.zeros ([| int64 count |], dtype) ]

/// The definition, number by number: SplitMix64 from the name's hash and the key, then Box and Muller.
let private asDefined seed step draw (name: string) index =
    let mix (x: uint64) =
        let x = (x ^^^ (x >>> 30)) * 0xBF58476D1CE4E5B9UL
        let x = (x ^^^ (x >>> 27)) * 0x94D049BB133111EBUL
        x ^^^ (x >>> 31)

    let hash =
        BitConverter.ToUInt64(Security.Cryptography.SHA256.HashData(Text.Encoding.UTF8.GetBytes name), 0)

    let key = Randomness.Key(seed, Purpose.NeighborhoodNoise, step, draw)
    let mixed = mix (hash + uint64 (index: int) * 0x9E3779B97F4A7C15UL + key)
    let unit = 2.0 ** -32.0
    let radius = sqrt (-2.0 * log ((float (mixed >>> 32) + 0.5) * unit))
    radius * cos (2.0 * Math.PI * float (mixed &&& 0xFFFFFFFFUL) * unit)

let private keys =
    Arb.fromGen (Gen.zip3 (Gen.choose (-9, 9)) (Gen.choose (0, 100000)) (Gen.choose (0, 8)))

let private laws =
    testList
        "laws"
        [
            testProperty "it is the definition, number by number"
            <| Prop.forAll keys (fun (seed, step, draw) ->
                use _ = torch.NewDisposeScope()
                use parameters = zeros float64 [ "prompts", 3; "head.weight", 4 ]
                let noise = drawn (int64 seed) (at step) draw parameters

                let expected =
                    [
                        for name, count in [ "prompts", 3; "head.weight", 4 ] do
                            for index in 0 .. count - 1 -> asDefined (int64 seed) step draw name index
                    ]

                for actual, goal in Seq.zip noise expected do
                    Order.isLessThan (abs (actual - goal)) 1e-12 "noise")

            testProperty "a parameter's noise is the same whatever its place, its neighbours and its length"
            <| Prop.forAll keys (fun (seed, step, draw) ->
                use _ = torch.NewDisposeScope()

                let noise names =
                    drawn (int64 seed) (at step) draw (zeros float32 names)

                let alone = noise [ "w", 5 ]
                let between = noise [ "a", 3; "w", 5; "z", 2 ]
                let longer = noise [ "w", 9 ]
                Expect.equal between[3..7] alone "between others"
                Expect.equal longer[..4] alone "longer")

            testProperty "neither values, epoch, rate nor other draws change it; seed, step, draw and name do"
            <| Prop.forAll (Arb.zip (problems, keys)) (fun (problem, (seed, step, draw)) ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf float32 problem)
                let seed = int64 seed
                let before = drawn seed (at step) draw parameters
                use optimizer = plainSgd parameters
                train optimizer (passOn float32 problem parameters) 2 |> ignore
                drawn (seed + 7L) (at 3) 1 parameters |> ignore
                Expect.equal (drawn seed (Moment(int64 step, 5, 1.0, 0.5)) draw parameters) before "the same"
                Expect.notEqual (drawn (seed + 1L) (at step) draw parameters) before "seed"
                Expect.notEqual (drawn seed (at (step + 1)) draw parameters) before "step"
                Expect.notEqual (drawn seed (at step) (draw + 1) parameters) before "draw"

                let named name =
                    drawn seed (at step) draw (zeros float32 [ name, 3 ])

                Expect.notEqual (named "u") (named "v") "name")

            testProperty "float32 noise is float64's rounded, and bf16 values get float32's"
            <| Prop.forAll keys (fun (seed, step, draw) ->
                use _ = torch.NewDisposeScope()

                let noise dtype =
                    drawn (int64 seed) (at step) draw (zeros dtype [ "w", 40 ])

                Expect.equal (noise torch.ScalarType.BFloat16) (noise float32) "bf16"

                for rough, fine in Seq.zip (noise float32) (noise float64) do
                    Order.isLessThan (abs (rough - fine)) 1e-5 "float32")
        ]

/// Fixed seeds and bounds of four standard errors: these cannot flicker, and a wrong law misses them by far.
let private statistics =
    let count = 400_000

    let draw seed step draw =
        use _ = torch.NewDisposeScope()
        use parameters = zeros float32 [ "w", count ]
        drawn seed (at step) draw parameters

    let noise = lazy (draw 1L 3 0)
    let root = sqrt (float count)

    testList
        "statistics"
        [
            testCase "mean 0, variance 1, kurtosis 3, and tails as heavy as a normal's"
            <| fun () ->
                let moment k =
                    noise.Value |> Array.averageBy (fun z -> z ** k)

                Order.isLessThan (abs (moment 1.0)) (4.0 / root) "mean"
                Order.isLessThan (abs (moment 2.0 - 1.0)) (4.0 * sqrt 2.0 / root) "variance"
                Order.isLessThan (abs (moment 3.0)) (4.0 * sqrt 15.0 / root) "skewness"
                Order.isLessThan (abs (moment 4.0 - 3.0)) (4.0 * sqrt 96.0 / root) "kurtosis"

                for bound, share in [ 1.0, 0.3173105; 3.0, 0.0026998; 4.0, 6.334e-5 ] do
                    let beyond = noise.Value |> Array.filter (fun z -> abs z > bound) |> Array.length
                    let error = 4.0 * sqrt (share * float count)
                    Order.isLessThan (abs (float beyond - share * float count)) error $"beyond {bound}"

            testCase "neighbouring values, steps, draws and seeds are uncorrelated"
            <| fun () ->
                let one = noise.Value

                let unrelated (a: float[]) (b: float[]) what =
                    let correlation = Seq.sum (Seq.map2 (*) a b) / float a.Length
                    Order.isLessThan (abs correlation) (4.0 / sqrt (float a.Length)) what

                unrelated one (draw 1L 4 0) "steps"
                unrelated one (draw 2L 3 0) "seeds"
                unrelated one (draw 1L 3 1) "draws"
                unrelated one[.. count / 2 - 1] one[count / 2 ..] "halves"
                unrelated one[.. count - 2] one[1..] "neighbours"
        ]

[<Tests>]
let tests = testList "noise" [ laws; statistics ]
