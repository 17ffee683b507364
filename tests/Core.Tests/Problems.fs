/// Small real losses to train on: sums over images, so that a batch has shares, micro-batches and classes.
module LongTail.Tests.Problems

open System
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Models
open LongTail.Core.Optimizers
open LongTail.Core.Settings

type private F = torch.nn.functional

let dtypes = [ torch.ScalarType.Float32; torch.ScalarType.Float64 ]

// What `tensor` makes of doubles lies in .NET's own memory, wherever that begins, and MKL's sums depend on it in their last
// bit: a copy begins where libtorch has all its tensors begin.
let vector (dtype: torch.ScalarType) (numbers: float list) =
    torch.tensor(Array.ofList numbers, dtype).clone()

let matrix (dtype: torch.ScalarType) (rows: float list list) =
    (vector dtype (List.concat rows)).reshape(int64 rows.Length, -1L)

/// The tensor's numbers in row order; every float32 is a float exactly.
let numbers (tensor: torch.Tensor) =
    use _ = torch.NewDisposeScope()
    tensor.detach().cpu().to_type(torch.ScalarType.Float64).data<float>().ToArray()

/// Tells -0 from 0 and one NaN from another, which = does not.
let bits tensor =
    numbers tensor |> Array.map BitConverter.DoubleToInt64Bits

type Problem =
    /// The sum over the images, a row each, of (row . w)^2 / 2.
    | Quadratic of start: float list * rows: float list list
    /// The sum over the images of row . w: the same gradient everywhere.
    | Linear of start: float list * rows: float list list
    /// Two layers and a cross-entropy over three classes, the logits scaled.
    | Network of seed: int * images: int * scale: float
    /// A drawn Vision Transformer of two blocks with prompts, a cosine head and the way it is tuned.
    | Transformer of Tuning * seed: int * images: int
    /// The same on weights/vit-mini.safetensors.
    | VitMini of Tuning

/// Training images of the problems' three classes: the last is of the tail. Their shares of 128 are exact, so that what
/// cancels in a formula cancels in every order of its sum.
let classCounts = [| 96; 28; 4 |]

let private classes = classCounts.LongLength

/// Eighths are exact in float32 and float64, and short to read in a counter-example.
let private eighths = Gen.choose (-24, 24) |> Gen.map (fun n -> float n / 8.0)

let private flat make =
    gen {
        let! size = Gen.choose (1, 5)
        let! images = Gen.choose (1, 5)
        let! start = Gen.listOfLength size eighths
        let! rows = Gen.listOfLength images (Gen.listOfLength size eighths)
        return make (start, rows)
    }

let private quadratic = flat Quadratic
let private linear = flat Linear

let private network =
    Gen.map2 (fun seed images -> Network(seed, images, 1.0)) (Gen.choose (0, 1000)) (Gen.choose (1, 7))

let private transformer =
    Gen.map3
        (fun tuning seed images -> Transformer(tuning, seed, images))
        (Gen.elements (Enum.GetValues<Tuning>()))
        (Gen.choose (0, 1000))
        (Gen.choose (1, 3))

/// Fewer images, fewer values, more zeros; a transformer becomes a network, and a network a quadratic.
let rec shrink problem =
    let shrinkFlat (make: _ -> Problem) (start: float list, rows: float list list) =
        seq {
            for i in 0 .. start.Length - 1 do
                if start.Length > 1 then
                    make (List.removeAt i start, List.map (List.removeAt i) rows)

                if start[i] <> 0.0 then
                    make (List.updateAt i 0.0 start, rows)

            for i, row in List.indexed rows do
                if rows.Length > 1 then
                    make (start, List.removeAt i rows)

                for j, number in List.indexed row do
                    if number <> 0.0 then
                        make (start, List.updateAt i (List.updateAt j 0.0 row) rows)
        }

    match problem with
    | Quadratic(start, rows) -> shrinkFlat Quadratic (start, rows)
    | Linear(start, rows) -> shrinkFlat Linear (start, rows)
    | Network(seed, images, scale) ->
        seq {
            Quadratic([ 1.0; 2.0 ], [ [ 1.0; 0.0 ]; [ 1.0; 1.0 ] ])

            if scale <> 1.0 then
                Network(seed, images, 1.0)

            if images > 1 then
                Network(seed, images - 1, scale)
        }
    | Transformer(tuning, seed, images) ->
        seq {
            Network(seed, images, 1.0)

            if tuning <> Tuning.HeadOnly then
                Transformer(Tuning.HeadOnly, seed, images)

            if images > 1 then
                Transformer(tuning, seed, images - 1)
        }
    | VitMini tuning -> Seq.singleton (Transformer(tuning, 0, 2))

let private arbitrary generator = Arb.fromGenShrink (generator, shrink)

let quadratics = arbitrary quadratic
let linears = arbitrary linear

/// The cheap ones.
let problems = arbitrary (Gen.oneof [ quadratic; linear; network ])

/// With the dear ones, now and then.
let everyProblem =
    arbitrary (Gen.frequency [ 2, quadratic; 2, linear; 3, network; 1, transformer ])

/// None whose gradient can cancel to the last bit, and leave it to rounding whether a parameter counts as reached.
let smooth = arbitrary (Gen.frequency [ 3, network; 1, transformer ])

/// A drawn tensor of its own: the same for the same key, whatever was drawn before.
let private drawn (dtype: torch.ScalarType) (seed: int) call (shape: int64 list) =
    use generator = Randomness.Stream(int64 seed, Purpose.Initial, 0L, call = call)

    torch.randn(Array.ofList shape, torch.ScalarType.Float32, generator = generator).to_type(dtype, disposeAfter = true)

/// What a problem is made of, in one dtype.
type Task =
    {
        /// What is trained, at its start.
        Starts: (string * torch.Tensor) list
        /// What is not.
        Frozen: torch.Tensor list
        /// (n), int64: the images' classes.
        Targets: torch.Tensor
        /// What the images from the first given on, so many, add to the loss, with the graph.
        Terms: FlatParameters -> int64 -> int64 -> torch.Tensor
    }

    member task.Images = task.Targets.shape[0]

let private targetsOf (seed: int) images =
    torch.tensor [| for i in 0 .. images - 1 -> int64 (i + seed) % classes |]

/// The mean over the batch of each image's cross-entropy.
let private crossEntropy (logits: torch.Tensor) (targets: torch.Tensor) (start: int64) count (images: int64) =
    F.cross_entropy (logits, targets.narrow (0L, start, count), reduction = torch.nn.Reduction.None)
    / float images

let private transformerTask (backbone: Backbone) (dtype: torch.ScalarType) tuning seed images side =
    let architecture = backbone.Architecture
    let shape = architecture.Shape
    let targets = targetsOf seed images
    let inputs = drawn dtype seed 5 [ int64 images; 3L; side; side ]

    let own =
        [
            "prompts", drawn dtype seed 6 [ int64 shape.Depth; 2L; int64 shape.Width ]
            "head.weight", drawn dtype seed 7 [ classes; int64 shape.Width ]
        ]

    let inner =
        [
            for struct (name, _) in BackboneLayout.Of architecture -> name, backbone[name].to_type dtype
        ]

    let starts, frozen =
        match tuning with
        | Tuning.HeadOnly -> List.tail own, List.head own :: inner
        | Tuning.PromptsAndHead -> own, inner
        | _ -> own @ inner, []

    let frozenByName = Map frozen

    {
        Starts = starts
        Frozen = List.map snd frozen
        Targets = targets
        Terms =
            fun parameters start count ->
                let part name =
                    frozenByName
                    |> Map.tryFind name
                    |> Option.defaultWith (fun () -> parameters[name])

                let features =
                    VisionTransformer(architecture, part)
                        .Features(inputs.narrow (0L, start, count), part "prompts", Readout.ClsAndPrompts)

                let cosines = F.linear (F.normalize features, F.normalize (part "head.weight"))
                crossEntropy (cosines * 5.0) targets start count (int64 images)
    }

let private small =
    lazy (Backbone.Draw(VisionTransformerShape(16, 8, 8, 2, 2), torch.CPU, 7L))

let private mini =
    let file = $"{__SOURCE_DIRECTORY__}/../../weights/vit-mini.safetensors"
    lazy (Backbone.Load(Tensors.pretrained file, torch.CPU))

let taskOf dtype problem =
    let plain start (rows: float list list) (term: torch.Tensor -> torch.Tensor) =
        let inputs = matrix dtype rows

        {
            Starts = [ "w", vector dtype start ]
            Frozen = [ inputs ]
            Targets = targetsOf 0 rows.Length
            Terms = fun parameters start count -> term (inputs.narrow(0L, start, count).matmul parameters["w"])
        }

    match problem with
    | Quadratic(start, rows) -> plain start rows (fun z -> z * z * 0.5)
    | Linear(start, rows) -> plain start rows id
    | Network(seed, images, scale) ->
        let inputs = drawn dtype seed 3 [ int64 images; 3L ]
        let targets = targetsOf seed images

        {
            Starts =
                [
                    "hidden.weight", drawn dtype seed 0 [ 4L; 3L ]
                    "hidden.bias", drawn dtype seed 1 [ 4L ]
                    "head.weight", drawn dtype seed 2 [ classes; 4L ]
                ]
            Frozen = [ inputs ]
            Targets = targets
            Terms =
                fun parameters start count ->
                    let hidden =
                        F.linear (
                            inputs.narrow (0L, start, count),
                            parameters["hidden.weight"],
                            parameters["hidden.bias"]
                        )

                    let logits = hidden.tanh().matmul(parameters["head.weight"].transpose(0L, 1L))
                    crossEntropy (logits * scale) targets start count (int64 images)
        }
    | Transformer(tuning, seed, images) -> transformerTask small.Value dtype tuning seed images 16L
    | VitMini tuning -> transformerTask mini.Value dtype tuning 1 3 32L

let startsOf dtype problem = (taskOf dtype problem).Starts

let parametersOf starts =
    use _ = torch.NewDisposeScope()
    new FlatParameters([| for name, start in starts -> struct (name, start) |])

/// Forward over a share of the images, in so many micro-batches.
let passIn microBatches (task: Task) (parameters: FlatParameters) =
    Pass(fun share backward ->
        let struct (start, length) = share.In task.Images
        let mutable sum = 0.0

        for i in 0 .. microBatches - 1 do
            use _ = torch.NewDisposeScope()
            let struct (first, count) = Share(i, microBatches).In length

            if count > 0L then
                let terms = task.Terms parameters (start + first) count
                backward.Invoke(terms, task.Targets.narrow (0L, start + first, count))
                sum <- sum + Seq.sum (numbers terms)

        torch.tensor sum)

let passOn dtype problem parameters =
    passIn 1 (taskOf dtype problem) parameters

/// The loss at the parameters' present values.
let lossOf dtype problem (parameters: FlatParameters) : torch.Tensor =
    let task = taskOf dtype problem
    (task.Terms parameters 0L task.Images).sum()

/// Forward and backward of any loss.
let passOf (loss: unit -> torch.Tensor) =
    Pass(fun _ backward ->
        use _ = torch.NewDisposeScope()
        let value = loss ()
        backward.Invoke(value.view 1L, torch.zeros (1L, torch.ScalarType.Int64))
        value.detach().MoveToOuterDisposeScope())

/// A pass that only leaves given gradients.
let leaving (gradients: torch.Tensor) (parameters: FlatParameters) =
    Pass(fun _ _ ->
        use _ = torch.no_grad ()
        parameters.Gradients.copy_ gradients |> ignore
        torch.zeros 1L)

let rate = 0.125

/// The moment of a step, three steps an epoch.
let moment step =
    Moment(int64 step, step / 3, rate, float (step % 9) / 9.0)

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

/// Everything that a step may change: values, then the optimizer's state by name.
let stateOf (optimizer: Optimizer) =
    Array.concat
        [
            bits optimizer.Parameters.Values
            for entry in optimizer.State |> Seq.sortBy _.Key do
                bits entry.Value
        ]

/// What perturbs an optimizer's pass; null leaves it plain.
type Perturb = FlatParameters -> Perturbation | null

let plain: Perturb = fun _ -> null

let gnm radius (parameters: FlatParameters) : Perturbation | null =
    new Gnm(parameters, radius, Nullable 2, true, ValueNoise.Drawn(11L, parameters))

let sam rho (parameters: FlatParameters) : Perturbation | null = new Sam(parameters, rho)

let plainSgd (parameters: FlatParameters) =
    new Optimizer(new Sgd(parameters, 0.9, 0.01))
