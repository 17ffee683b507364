/// The one door of the house: `dotnet fsi build.fsx TARGET`, see `usage` at the end of this file.
open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Text.RegularExpressions
open System.Threading.Tasks

Directory.SetCurrentDirectory __SOURCE_DIRECTORY__

for folder in [ "logs"; "stamps"; "feed"; "kernels"; "engine" ] do
    Directory.CreateDirectory $"build/{folder}" |> ignore

/// What a person can mend: printed in one line; the exit code is 2.
exception Trouble of string

// ---- Children ------------------------------------------------------------------------------------------------

let private say (step: string) (what: string) = printfn $"{step, -9} {what}"

/// Starts a child; `onLine` gets what it writes, line by line, or it writes to our own terminal when there is none.
let private start (onLine: (string -> unit) option) (command: string) (arguments: string list) =
    let info = ProcessStartInfo(command, arguments)
    info.RedirectStandardOutput <- onLine.IsSome
    info.RedirectStandardError <- onLine.IsSome
    info.Environment["DEBIAN_FRONTEND"] <- "noninteractive"
    info.Environment["MSBUILDDISABLENODEREUSE"] <- "1"
    info.Environment["DOTNET_CLI_UI_LANGUAGE"] <- "en"
    use child = new Process(StartInfo = info)
    let gate = obj ()

    let hear (received: DataReceivedEventArgs) =
        if not (isNull received.Data) then
            lock gate (fun () -> onLine |> Option.iter (fun f -> f received.Data))

    child.OutputDataReceived.Add hear
    child.ErrorDataReceived.Add hear

    try
        child.Start() |> ignore
    with :? ComponentModel.Win32Exception ->
        raise (Trouble $"`{command}` is not on this machine's PATH: install it")

    if onLine.IsSome then
        child.BeginOutputReadLine()
        child.BeginErrorReadLine()

    child.WaitForExit()
    child.ExitCode

/// Runs a child on our own terminal. Ctrl-C reaches the child too, and we wait until it has put its work away.
let private openly command arguments =
    use _ =
        PosixSignalRegistration.Create(PosixSignal.SIGINT, fun signal -> signal.Cancel <- true)

    start None command arguments

/// Runs a child and gives what it wrote.
let private heard command arguments =
    let lines = ResizeArray<string>()
    let code = start (Some lines.Add) command arguments
    code, List.ofSeq lines

/// Runs a child into build/logs/STEP.log; the log is shown only when the child fails.
let private quietly step command arguments =
    let log = $"build/logs/{step}.log"
    let code, lines = heard command arguments
    File.WriteAllLines(log, lines)

    if code <> 0 then
        lines |> List.iter (eprintfn "%s")

        let words = String.concat " " (command :: arguments)
        raise (Trouble $"{step}: `{words}` failed with code {code}; its output stands above and in {log}")

// ---- Steps that run only when their inputs changed -----------------------------------------------------------

let private made = set [ "bin"; "obj"; "build"; ".paket" ]

let rec private filesUnder folder =
    [
        yield! Directory.GetFiles folder

        for inner in Directory.GetDirectories folder do
            if not (made.Contains(Path.GetFileName inner)) then
                yield! filesUnder inner
    ]

/// Files and folders as one text: every file's path, length and time of writing.
let private stampOf inputs =
    [
        for input in inputs do
            if Directory.Exists input then
                yield! filesUnder input
            elif File.Exists input then
                input
    ]
    |> List.sort
    |> List.map (fun file -> $"{file} {FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks}")
    |> String.concat "\n"

/// What was made of inputs: a file is known by its length and time too, so that a damaged one is made anew.
let private remember step (inputs: string) output =
    File.WriteAllText(
        $"build/stamps/{step}",
        inputs
        + stampOf
            [
                if File.Exists output then
                    output
            ]
    )

/// Does the work unless it was done with just these inputs and its output is still what it was.
let private whenChanged step what inputs output work =
    // Taken before the work: what changes meanwhile is seen the next time.
    let stamp = stampOf inputs
    let file = $"build/stamps/{step}"

    let made =
        stampOf
            [
                if File.Exists output then
                    output
            ]

    if not (Path.Exists output && File.Exists file && File.ReadAllText file = stamp + made) then
        say step what
        work ()
        remember step stamp output

// ---- setup: Debian's packages --------------------------------------------------------------------------------

let private variable name =
    Environment.GetEnvironmentVariable name
    |> Option.ofObj
    |> Option.filter ((<>) "")

let private onPath command =
    (variable "PATH" |> Option.defaultValue "").Split ':'
    |> Array.exists (fun folder -> File.Exists(Path.Combine(folder, command)))

/// Installs those of Debian's packages that are not here; elsewhere than on Debian they must be.
let private install (wanted: string list) =
    if not (File.Exists "/usr/bin/dpkg-query") then
        let names = String.concat ", " wanted
        say "setup" $"not a Debian machine: what Debian calls {names} must be here already"
    else
        let _, lines =
            heard "dpkg-query" ([ "-W"; "-f"; "${Package} ${db:Status-Status}\n" ] @ wanted)

        let missing =
            wanted
            |> List.filter (fun name -> not (List.contains $"{name} installed" lines))

        if not missing.IsEmpty then
            let names = String.concat " " missing
            let byHand = $"apt-get update && apt-get install -y --no-install-recommends {names}"
            say "setup" $"Debian packages: {names}"

            let apt step arguments =
                if Environment.IsPrivilegedProcess then
                    quietly step "apt-get" arguments
                else
                    // Without a terminal nobody can type a password.
                    let ask = if Console.IsInputRedirected then [ "-n" ] else []
                    quietly step "sudo" (ask @ [ "DEBIAN_FRONTEND=noninteractive"; "apt-get" ] @ arguments)

            try
                apt "apt-update" [ "update" ]
                apt "apt-install" ([ "install"; "-y"; "--no-install-recommends" ] @ missing)
            with Trouble reason ->
                raise (Trouble $"setup: cannot install {names} ({reason}). Run this as root: {byHand}")

/// Installs what is used where it is here.
let private installIfPossible wanted =
    try
        install wanted
    with Trouble reason ->
        say "setup" reason

let setup () =
    install
        [
            "dataset-fashion-mnist"
            "libturbojpeg0"
            "libspng0"
            if not (onPath "npm") then
                "nodejs"
                "npm"
        ]

    if not (onPath "g++") then
        installIfPossible [ "g++" ]

/// What the page of reports is tested in. The test is skipped where it is not here.
let private browser () =
    if not (onPath "chromium") then
        installIfPossible [ "chromium" ]

// ---- restore: NuGet's packages -------------------------------------------------------------------------------

let private packagesIn pattern lines =
    [
        for line in lines do
            let found = Regex.Match(line, pattern)

            if found.Success then
                found.Groups[1].Value, found.Groups[2].Value
    ]

/// The lines of paket.dependencies: what everybody needs, and the group of a GPU.
let private mainGroup, private cudaGroup =
    File.ReadAllLines "paket.dependencies"
    |> fun lines -> Array.splitAt (Array.IndexOf(lines, "group Cuda")) lines

/// A project that holds packages and nothing else.
let private writeProject (folder: string) packages =
    Directory.CreateDirectory folder |> ignore

    let references =
        packages
        |> List.map (fun (name, version) -> $"""<PackageReference Include="{name}" Version="{version}" />""")
        |> String.concat ""

    // Nothing of the house's own properties may reach this project.
    for file in [ "Directory.Build.props"; "Directory.Build.targets" ] do
        File.WriteAllText($"{folder}/{file}", "<Project />")

    File.WriteAllText(
        $"{folder}/{Path.GetFileName folder}.csproj",
        // Without the switch NuGet leaves out what the framework brings, and Paket cannot resolve the rest.
        $"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <RestoreEnablePackagePruning>false</RestoreEnablePackagePruning>
  </PropertyGroup>
  <ItemGroup>{references}</ItemGroup>
</Project>"""
    )

/// NuGet's own client, which knows the machine's feeds, brings the packages into the local folder that Paket reads.
let private fillFeed packages =
    writeProject "build/feed" packages
    quietly "feed" "dotnet" [ "restore"; "build/feed/feed.csproj"; "--packages"; "feed-packages" ]

    // Paket reads the packages alone; what NuGet unpacked of them is another 800 MB.
    for package in Directory.GetDirectories "feed-packages" do
        for version in Directory.GetDirectories package do
            for unpacked in Directory.GetDirectories version do
                Directory.Delete(unpacked, true)

let restore () =
    let inputs = [ "paket.dependencies"; "paket.lock"; ".config" ]

    let work () =
        let wanted = packagesIn @"^nuget (\S+) (\S+)" mainGroup
        let locked = packagesIn @"^    (\S+) \(([^)]+)\)$" (File.ReadLines "paket.lock")
        quietly "tools" "dotnet" [ "tool"; "restore" ]

        if wanted |> List.forall (fun package -> List.contains package locked) then
            fillFeed locked
        else
            fillFeed wanted
            quietly "resolve" "dotnet" [ "paket"; "update"; "--no-install"; "--group"; "Main" ]

        quietly "restore" "dotnet" [ "paket"; "restore"; "--group"; "Main" ]

    whenChanged "restore" "packages, from the machine's own feeds" inputs ".paket/Paket.Restore.targets" work

// ---- engine: libtorch, TorchSharp's native part and the kernels, once for all programs ------------------------

let private engineFolder = "build/engine"
let private torchLink = $"{engineFolder}/torch"
let private torchSharpLibrary = $"{engineFolder}/libLibTorchSharp.so"
let private skiaLibrary = $"{engineFolder}/libSkiaSharp.so"
let private kernelsLibrary = $"{engineFolder}/liblongtail_kernels.so"
let private scalarsLibrary = $"{engineFolder}/liblongtail_scalars.so"

let private replace path make =
    // A link is removed, not what it points at.
    if File.Exists path || Directory.Exists path || FileInfo(path).LinkTarget <> null then
        File.Delete path

    make ()

/// Where NuGet keeps the native files of a package of paket.lock.
let private nativeFiles (package: string) =
    let _, version =
        packagesIn @"^    (\S+) \(([^)]+)\)$" (File.ReadLines "paket.lock")
        |> List.find (fst >> (=) package)

    let _, lines = heard "dotnet" [ "nuget"; "locals"; "global-packages"; "--list" ]
    let cache = (List.last lines).Split(": ", 2)[1]
    Path.Combine(cache.Trim(), package.ToLowerInvariant(), version, "runtimes/linux-x64/native")

/// TorchSharp's native part was linked by GCC 13 and asks for this version of libstdc++, which Debian 12 lacks. Nothing in it
/// is called: the version only marks which compiler it was. With the weak flag on that one record the loader does without.
let private tooNew = "GLIBCXX_3.4.32"

/// The system's libstdc++, as the loader finds it, has no such version.
let private lacksTooNew () =
    let _, known = heard "/sbin/ldconfig" [ "-p" ]

    known
    |> List.tryFind (fun line -> line.Contains "libstdc++.so.6 " && line.Contains "x86-64")
    |> Option.exists (fun line ->
        let bytes = File.ReadAllBytes((line.Split("=> ")[1]).Trim())
        bytes.AsSpan().IndexOf(ReadOnlySpan(Text.Encoding.ASCII.GetBytes tooNew)) < 0)

/// The ELF standard's hash of a symbol's name, by which a record of .gnu.version_r names its version.
let private elfHash (name: string) =
    (0u, name)
    ||> Seq.fold (fun hash letter ->
        let grown = (hash <<< 4) + uint32 letter
        let high = grown &&& 0xf0000000u
        (grown ^^^ (high >>> 24)) &&& ~~~high)

/// Sets VER_FLG_WEAK in the one record of .gnu.version_r (vna_hash, vna_flags, vna_other, vna_name, vna_next) of that version.
let private mend (library: byte[]) =
    let hash = elfHash tooNew

    let records =
        [
            for at in 0..4 .. library.Length - 16 do
                if
                    BitConverter.ToUInt32(library, at) = hash
                    && BitConverter.ToUInt16(library, at + 4) = 0us
                    && List.contains (BitConverter.ToUInt32(library, at + 12)) [ 0u; 16u ]
                then
                    at
        ]

    match records with
    | [ at ] -> library[at + 4] <- 2uy
    | _ -> raise (Trouble $"engine: libLibTorchSharp.so has {records.Length} records of {tooNew}, not one")

let private linkTorch () =
    let torch = nativeFiles "libtorch-cpu-linux-x64"
    let torchSharp = $"""{nativeFiles "TorchSharp"}/libLibTorchSharp.so"""

    let skia =
        $"""{nativeFiles "SkiaSharp.NativeAssets.Linux.NoDependencies"}/libSkiaSharp.so"""

    for needed in [ $"{torch}/libtorch.so"; torchSharp; skia ] do
        if not (File.Exists needed) then
            File.Delete "build/stamps/restore"
            raise (Trouble $"engine: {needed} is missing from NuGet's cache; run this again to restore it")

    replace skiaLibrary (fun () -> File.Copy(skia, skiaLibrary))
    replace torchLink (fun () -> Directory.CreateSymbolicLink(torchLink, torch) |> ignore)

    replace torchSharpLibrary (fun () ->
        let library = File.ReadAllBytes torchSharp

        if lacksTooNew () then
            mend library

        File.WriteAllBytes(torchSharpLibrary, library))

/// The processor levels that the kernels are compiled for, and the compiler's options.
let private levels =
    [
        "plain", []
        if RuntimeInformation.ProcessArchitecture = Architecture.X64 then
            let avx2 = [ "-mavx2"; "-mfma" ]
            let avx512 = avx2 @ [ "-mavx512f"; "-mavx512dq" ]
            "avx2", avx2
            "avx512", avx512
            "avx512bf16", avx512 @ [ "-mavx512bf16" ]
    ]

let private kernelSources = "src/Core.CSharp/native"

/// Whole or not at all: a program may be loading the library.
let private link name library parts =
    let fresh = $"{library}.new"
    quietly name "g++" ([ "-shared"; "-o"; fresh ] @ parts)
    File.Move(fresh, library, true)

let private compileKernels () =
    let common =
        [ "-std=c++17"; "-O3"; "-fno-math-errno"; "-fPIC"; "-fvisibility=hidden" ]

    let made level = $"build/kernels/{level}.o"

    let compile (level, options) =
        quietly
            $"kernels-{level}"
            "g++"
            (common
             @ options
             @ [ $"-DLEVEL={level}"; "-c"; $"{kernelSources}/level.cpp"; "-o"; made level ])

    try
        Parallel.ForEach(levels, compile) |> ignore
    with :? AggregateException as all ->
        raise all.InnerException

    let objects = levels |> List.map (fst >> made)
    link "kernels" kernelsLibrary (common @ [ $"{kernelSources}/levels.cpp" ] @ objects)

let private scalarSource = $"{kernelSources}/scalars.cpp"

let private compileScalars () =
    link
        "scalars"
        scalarsLibrary
        [
            "-std=c++17"
            "-O2"
            "-fPIC"
            "-fvisibility=hidden"
            scalarSource
            "-Wl,--no-as-needed,--allow-shlib-undefined"
            torchSharpLibrary
            "-ldl"
        ]

let engine () =
    // NuGet's cache can be cleared at any time.
    if not (File.Exists $"{torchLink}/libtorch.so") then
        File.Delete "build/stamps/engine"

    whenChanged "engine" "libtorch, for all programs" [ "paket.lock" ] torchSharpLibrary linkTorch

    if onPath "g++" then
        whenChanged "kernels" "the frozen block's kernels" [ kernelSources ] kernelsLibrary compileKernels
        whenChanged "scalars" "what frees TorchSharp's scalars" [ scalarSource ] scalarsLibrary compileScalars
    else
        say
            "kernels"
            "no g++ here: libtorch's own operators compute frozen blocks, steps take 1.4 to 2.7 times as long, and rarely a run breaks with `Unknown scalar type`"

/// The group of a GPU: some GB, and not on every feed.
let private restoreCuda () =
    let packages = packagesIn @"^  nuget (\S+) (\S+)" cudaGroup
    let made = Path.GetFullPath $"{engineFolder}/cuda"
    writeProject "build/cuda" packages

    let arguments =
        [
            "publish"
            "build/cuda/cuda.csproj"
            "-r"
            "linux-x64"
            "--no-self-contained"
            "-o"
            made
        ]

    let code, lines = heard "dotnet" arguments
    File.WriteAllLines("build/logs/cuda.log", lines)

    if code <> 0 || not (File.Exists $"{made}/libtorch_cuda.so") then
        let names =
            packages
            |> List.map (fun (name, version) -> $"{name} {version}")
            |> String.concat ", "

        raise (
            Trouble
                $"restore cuda: the feeds of this machine do not give {names} (build/logs/cuda.log says why); without it, set LIBTORCH to the torch/lib folder of a Python PyTorch 2.10 with CUDA"
        )

    say "cuda" $"choose it with: export LIBTORCH={made}"

// ---- build ---------------------------------------------------------------------------------------------------

/// The page that a report is written into.
let private page = "web/dist/report.html"

let private web () =
    let packages = [ "web/package.json"; "web/package-lock.json" ]

    // Scripts of packages would fetch what is there already.
    whenChanged "npm" "the page's packages, from the machine's own registry" packages "web/node_modules" (fun () ->
        quietly "npm" "npm" [ "ci"; "--prefix"; "web"; "--ignore-scripts" ])

    whenChanged "web" "the page of reports" ("web/build.js" :: "web/src" :: packages) page (fun () ->
        quietly "web" "npm" [ "run"; "build"; "--prefix"; "web" ])

let private compile what () =
    quietly "build" "dotnet" [ "build"; what; "-c"; "Release" ]

let private rules =
    [ "Directory.Build.props"; "Directory.Build.targets"; "paket.lock" ]

let private sources = rules @ [ "src"; page ]

let private longtail = "src/Dsl.FSharp/bin/Release/net10.0/LongTail.dll"

/// What every script of ours must pass, and so that the first `plan` of one is as quick as the next.
let private scripts () =
    let files =
        Directory.GetFiles("experiments", "*.fsx")
        |> Array.filter (fun file -> Path.GetFileName file <> "longtail.fsx")
        |> List.ofArray

    whenChanged "scripts" "experiments" [ "experiments"; longtail ] "experiments" (fun () ->
        quietly "scripts" "dotnet" (longtail :: "compile" :: files))

/// What a script needs: the language and all below it.
let private program () =
    web ()
    let project = "src/Dsl.FSharp"
    whenChanged "program" project sources $"{project}/bin/Release" (compile project)

/// What `bench` times: the core alone.
let private benchmarks () =
    let project = "benchmarks"
    whenChanged "bench" project (sources @ [ project ]) $"{project}/bin/Release" (compile project)

/// The whole solution, tests too.
let build () =
    web ()
    let solution = "LongTail.slnx"

    whenChanged
        "build"
        solution
        (sources @ [ solution; "tests"; "benchmarks" ])
        "tests/Core.Tests/bin/Release"
        (fun () ->
            let stamp = stampOf sources
            compile solution ()
            remember "program" stamp "src/Dsl.FSharp/bin/Release")

    scripts ()

// ---- test ----------------------------------------------------------------------------------------------------

/// Behind this line a test project's program says why tests were skipped or failed, and counts them (tests/Entry.fs).
let private closing = "----"

let private count = Regex @"^(\d+) passed, (\d+) failed, (\d+) skipped$"

/// Runs a project's tests; what stands behind the closing line, and the count.
let private runTests (name: string option) project =
    let log = ResizeArray<string>()

    let live (written: string) =
        // Expecto wipes the end of a line on which it might have shown progress.
        let line = written.TrimEnd()
        log.Add line

        if Regex.IsMatch(line, @"^  (Passed|Failed|Skipped) ") then
            printfn $"{line}"

    let program = $"tests/{project}/bin/Release/net10.0/{project}.dll"
    let code = start (Some live) "dotnet" (program :: Option.toList name)
    File.WriteAllLines($"build/logs/{project}.log", log)
    let behind = log |> Seq.skipWhile ((<>) closing) |> List.ofSeq

    match behind |> List.tryLast |> Option.map count.Match with
    | Some found when found.Success ->
        let numbers = [ for group in 1..3 -> int found.Groups[group].Value ]
        behind |> List.skip 1 |> List.take (behind.Length - 2), numbers
    // A program that died has no failed test to show.
    | _ ->
        log |> Seq.iter (eprintfn "%s")
        raise (Trouble $"test: {project} ended with code {code} before its last test; its words stand above")

let test (name: string option) =
    say
        "test"
        (name
         |> Option.map (sprintf "tests whose full name contains \"%s\"")
         |> Option.defaultValue "every test")

    let ends = [ "Core.Tests"; "Dsl.Tests" ] |> List.map (runTests name)

    for lines, _ in ends do
        lines |> List.iter (printfn "%s")

    match ends |> List.map snd |> List.reduce (List.map2 (+)) with
    | [ 0; 0; 0 ] when name.IsSome -> raise (Trouble $"test: no test's full name contains \"{name.Value}\"")
    | [ passed; failed; skipped ] ->
        printfn $"\n{passed} passed, {failed} failed, {skipped} skipped"
        if failed = 0 && passed + skipped > 0 then 0 else 1
    | _ -> 1

/// benchmarks/cuda.sh says what a GPU is asked, and in what order.
let private cuda () = openly "benchmarks/cuda.sh" []

/// All that benchmarks/cuda.sh needs, with the .NET runtime: libtorch's libraries are where it goes, in a Python package.
let private pack () =
    let archive = "build/longtail-cuda.tar.xz"

    let runtime =
        Path.GetDirectoryName(RuntimeEnvironment.GetRuntimeDirectory().TrimEnd '/')

    let root = Path.GetFullPath(Path.Combine(runtime, "../.."))
    let version = Path.GetFileName(RuntimeEnvironment.GetRuntimeDirectory().TrimEnd '/')

    quietly
        "pack"
        "tar"
        ([
            "cJf"
            archive
            "--transform"
            $"s,^{root.TrimStart '/'},dotnet,"
            "--exclude=*.pdb"
            "--exclude=*.xml"
         ]
         @ [
             "benchmarks/cuda.sh"
             "benchmarks/peer_throughput.py"
             "weights"
             torchSharpLibrary
             kernelsLibrary
             scalarsLibrary
             "src/Dsl.FSharp/bin/Release/net10.0"
             "benchmarks/bin/Release/net10.0"
             "tests/Core.Tests/bin/Release/net10.0"
             $"{root}/dotnet"
             $"{root}/host/fxr/{version}"
             $"{root}/shared/Microsoft.NETCore.App/{version}"
         ])

    say "pack" $"{archive}, {FileInfo(archive).Length / 1048576L} MB: unpack it there and run benchmarks/cuda.sh"
    0

/// Not part of `test`: it compiles once a defect. The script builds by itself, once it knows the name that it is given.
let private mutate name =
    // 3886 asks whether a list of one pair was meant: it was.
    openly "dotnet" ([ "fsi"; "--nowarn:3886"; "tests/mutate/Mutate.fsx" ] @ name)

// ---- The rest ------------------------------------------------------------------------------------------------

let private script file arguments =
    openly "dotnet" (longtail :: "run" :: file :: arguments)

let private timed arguments =
    openly "dotnet" ("benchmarks/bin/Release/net10.0/Benchmarks.dll" :: arguments)

let format fix =
    let fsharp =
        [ "build.fsx"; "src"; "tests"; "benchmarks"; "experiments" ]
        |> List.filter Path.Exists

    let trouble tool arguments =
        try
            quietly tool "dotnet" (tool :: arguments)
            None
        with Trouble reason ->
            Some reason

    [
        trouble "fantomas" (if fix then fsharp else "--check" :: fsharp)
        trouble "csharpier" [ (if fix then "format" else "check"); "." ]
    ]
    |> List.choose id
    |> function
        | [] -> say "format" (if fix then "done" else "as it should be")
        | _ when fix -> raise (Trouble "format: a file above cannot be read by the formatter")
        | _ -> raise (Trouble "format: the files above are not in form; `dotnet fsi build.fsx format fix` mends them")

    0

let clean () =
    let rec built folder =
        [
            for inner in Directory.GetDirectories folder do
                if List.contains (Path.GetFileName inner) [ "bin"; "obj"; "build" ] then
                    inner
                else
                    yield! built inner
        ]

    for folder in
        ([ "src"; "tests"; "benchmarks" ] |> List.collect built)
        @ [
            "build"
            "feed-packages"
            "paket-files"
            ".paket"
            "web/dist"
            "web/node_modules"
        ] do
        if Directory.Exists folder then
            Directory.Delete(folder, true)

let usage =
    """dotnet fsi build.fsx TARGET

  run [SCRIPT] [ARGUMENTS]
                      sets up all that is missing and runs experiments/quickstart.fsx, or another script
  test [NAME]         sets up likewise and runs every test, or those whose full name contains NAME
  mutate [NAME]       plants defects in a copy of the sources, all or those whose name contains NAME, and runs the
                      test that each must not pass (tests/mutate/)
  bench [ARGUMENTS]   times a step under each rule, and beside PyTorch (benchmarks/)
  bench decode        times decoding and random resized crop, beside Pillow
  bench augment       times a training batch of CIFAR's published pipeline, beside Pillow
  bench parts         times what a step does beside its products, by BenchmarkDotNet

  cuda                the golden and contract suites on a GPU, and throughput there beside PyTorch (README, GPU)
  pack                an archive that does the same on a machine without .NET

  setup               Debian's packages
  restore             NuGet's packages and the tools
  restore cuda        TorchSharp-cuda-linux too, where a feed of the machine has it
  engine              libtorch for all programs, and the frozen block's kernels
  build               the solution
  format [fix]        checks, or mends, the form of the code
  clean               removes all that was built or restored; runs stay"""

let private after steps target =
    for step in steps do
        step ()

    target ()

let private main arguments =
    let nothing () = 0

    match arguments with
    | "run" :: rest ->
        after [ setup; restore; engine; program ] (fun () ->
            match rest with
            | file :: rest when file.EndsWith ".fsx" -> script file rest
            | rest -> script "experiments/quickstart.fsx" rest)
    | "bench" :: rest -> after [ setup; restore; engine; benchmarks ] (fun () -> timed rest)
    | "test" :: ([] | [ _ ] as name) ->
        after [ setup; browser; restore; engine; build ] (fun () -> test (List.tryHead name))
    | [ "cuda" ] -> after [ setup; restore; engine; build ] cuda
    | [ "pack" ] -> after [ setup; restore; engine; build ] pack
    | "mutate" :: ([] | [ _ ] as name) -> mutate name
    | [ "setup" ] -> after [ setup ] nothing
    | [ "restore" ] -> after [ restore ] nothing
    | [ "restore"; "cuda" ] -> after [ restore; engine; restoreCuda ] nothing
    | [ "engine" ] -> after [ setup; restore; engine ] nothing
    | [ "build" ] -> after [ setup; restore; engine; build ] nothing
    | [ "format" ] -> after [ restore ] (fun () -> format false)
    | [ "format"; "fix" ] -> after [ restore ] (fun () -> format true)
    | [ "clean" ] -> after [ clean ] nothing
    | []
    | [ "help" ] ->
        printfn $"{usage}"
        0
    | other ->
        let words = String.concat " " other
        raise (Trouble $"no such target: {words}; the targets:\n{usage}")

let private code =
    try
        fsi.CommandLineArgs
        |> List.ofArray
        |> List.tail
        |> List.filter ((<>) "--")
        |> main
    with Trouble message ->
        eprintfn $"{message}"
        2

exit code
