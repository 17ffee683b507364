/// Small real losses to train on, and what the optimizer and loss tests say about them.
module LongTail.Tests.Problems

open System
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Optimizers

let dtypes = [ torch.ScalarType.Float32; torch.ScalarType.Float64 ]

let vector (dtype: torch.ScalarType) (numbers: float list) =
    torch.tensor (Array.ofList numbers, dtype)

let matrix (dtype: torch.ScalarType) (rows: float list list) =
    torch.tensor(Array.ofList (List.concat rows), dtype).reshape(int64 rows.Length, -1L)

/// The tensor's numbers in row order; every float32 is a float exactly.
let numbers (tensor: torch.Tensor) =
    use _ = torch.NewDisposeScope()
    tensor.detach().cpu().to_type(torch.ScalarType.Float64).data<float>().ToArray()

/// Tells -0 from 0 and one NaN from another, which = does not.
let bits tensor =
    numbers tensor |> Array.map BitConverter.DoubleToInt64Bits

type Problem =
    /// 0.5 |F'w|^2 of w: gradient F F'w.
    | Quadratic of start: float list * factor: float list list
    /// slope . w: the same gradient everywhere.
    | Linear of start: float list * slope: float list
    /// Two layers and a cross-entropy on five drawn rows.
    | Network of seed: int

/// Eighths are exact in every dtype, and short to read in a counter-example.
let private eighths = Gen.choose (-24, 24) |> Gen.map (fun n -> float n / 8.0)

let private problem =
    gen {
        let! size = Gen.choose (1, 6)
        let! start = Gen.listOfLength size eighths
        let! other = Gen.listOfLength size eighths
        let! factor = Gen.listOfLength size (Gen.listOfLength size eighths)
        let! seed = Gen.choose (0, 1000)
        return! Gen.elements [ Quadratic(start, factor); Linear(start, other); Network seed ]
    }

let private startOf =
    function
    | Quadratic(start, _)
    | Linear(start, _) -> start
    | Network _ -> []

let problems = Arb.fromGen problem

let quadratics =
    problem
    |> Gen.filter (function
        | Quadratic _ -> true
        | _ -> false)
    |> Arb.fromGen

let linears =
    problem
    |> Gen.filter (function
        | Linear _ -> true
        | _ -> false)
    |> Arb.fromGen

/// A drawn tensor of its own: the same for the same key, whatever was drawn before.
let private drawn (dtype: torch.ScalarType) (seed: int) call (shape: int64 list) =
    use generator = Randomness.Stream(int64 seed, Purpose.Initial, 0L, call = call)
    torch.randn (Array.ofList shape, dtype, generator = generator)

/// What is trained at the start, by name.
let startsOf dtype problem =
    match problem with
    | Quadratic _
    | Linear _ -> [ "w", vector dtype (startOf problem) ]
    | Network seed ->
        [
            "hidden.weight", drawn dtype seed 0 [ 4L; 3L ]
            "hidden.bias", drawn dtype seed 1 [ 4L ]
            "output.weight", drawn dtype seed 2 [ 2L; 4L ]
        ]

let parametersOf starts =
    use _ = torch.NewDisposeScope()
    new FlatParameters([| for name, start in starts -> struct (name, start) |])

/// The loss at the parameters' present values; what does not train is made anew, equal at every call.
let lossOf dtype problem (parameters: FlatParameters) : torch.Tensor =
    match problem with
    | Quadratic(_, factor) ->
        let root = (matrix dtype factor).transpose(0L, 1L).matmul parameters["w"]
        root.dot root * 0.5
    | Linear(_, slope) -> (vector dtype slope).dot parameters["w"]
    | Network seed ->
        let inputs = drawn dtype seed 3 [ 5L; 3L ]

        let hidden =
            torch.nn.functional.linear (inputs, parameters["hidden.weight"], parameters["hidden.bias"])

        let logits = hidden.tanh().matmul(parameters["output.weight"].transpose(0L, 1L))
        torch.nn.functional.cross_entropy (logits, torch.tensor [| 0L; 1L; 1L; 0L; 1L |])

/// Forward and backward of any loss.
let passOf (loss: unit -> torch.Tensor) =
    Pass(fun _ backward ->
        use _ = torch.NewDisposeScope()
        let value = loss ()
        backward.Invoke(value.view 1L, torch.zeros (1L, torch.ScalarType.Int64))
        value.detach().MoveToOuterDisposeScope())

let passOn dtype problem parameters =
    passOf (fun () -> lossOf dtype problem parameters)

let rate = 0.125

/// The moment of a step, three steps an epoch.
let moment step = Moment(int64 step, step / 3, rate)

/// The gradient that a backward pass left on a tensor.
let gradientOf (tensor: torch.Tensor) =
    match tensor.grad with
    | null -> invalidOp "The tensor has no gradient."
    | gradient -> gradient

/// Runs steps and gives their losses.
let train (optimizer: Optimizer) pass steps =
    [
        for step in 0 .. steps - 1 do
            use loss = optimizer.Step(pass, moment step)
            loss.ToDouble()
    ]

/// What perturbs an optimizer's pass; null leaves it plain.
type Perturb = FlatParameters -> Perturbation | null

/// A base optimizer and a perturbation, as one contract suite lists them.
type Rule =
    {
        Name: string
        Create: FlatParameters -> Optimizer
        PassesAStep: int
    }

let private bases =
    [
        "sgd",
        (fun (parameters, perturbation: Perturbation | null) ->
            new Optimizer(new Sgd(parameters, 0.9, 0.01), perturbation))
        "adamw", (fun (parameters, perturbation) -> new Optimizer(new AdamW(parameters, 0.01), perturbation))
    ]

let plain: Perturb = fun _ -> null

let gnm radius (parameters: FlatParameters) : Perturbation | null =
    new Gnm(parameters, radius, Nullable 2, true, ValueNoise.Drawn(11L, parameters))

let sam rho (parameters: FlatParameters) : Perturbation | null = new Sam(parameters, rho)

let private perturbations: (string * Perturb * int) list =
    [ "plain", plain, 1; "gnm", gnm 0.05, 1; "sam", sam 0.05, 2 ]

let rules =
    [
        for baseName, create in bases do
            for name, perturbation, passes in perturbations do
                {
                    Name = $"{baseName} {name}"
                    Create = fun parameters -> create (parameters, perturbation parameters)
                    PassesAStep = passes
                }
    ]

let plainSgd (parameters: FlatParameters) =
    new Optimizer(new Sgd(parameters, 0.9, 0.01))

/// Everything that a step may change: values, then the optimizer's state by name.
let stateOf (optimizer: Optimizer) =
    Array.concat
        [
            bits optimizer.Parameters.Values
            for entry in optimizer.State |> Seq.sortBy _.Key do
                bits entry.Value
        ]
