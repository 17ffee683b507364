namespace Expecto.Xunit

open System
open System.Collections.Concurrent
open System.Reflection
open Expecto

/// All leaves of the [<Tests>] values of an assembly, by full name.
[<RequireQualifiedAccess>]
module Leaves =
    /// Without a configuration of its own a property is checked as Expecto's runner does by default.
    let private runnersConfig =
        { FsCheckConfig.defaultConfig with
            maxTest = 100
        }

    let private failing name (error: exn) =
        let raised = AssertException(error.ToString())

        {
            name = [ name ]
            test = Sync(fun () -> raise raised)
            state = Normal
        }

    /// A value that cannot be built becomes one failing test: otherwise its tests would be missed by nobody.
    let private ofProperty (property: PropertyInfo) =
        try
            match property.GetValue null with
            | :? Test as test -> Test.toTestCodeList test
            | other -> failwith $"[<Tests>] stands on {other}, which is no Test."
        with error ->
            [
                failing
                    $"{(nonNull property.DeclaringType).FullName}.{property.Name} cannot be built"
                    (error.GetBaseException())
            ]

    let private find (assembly: Assembly) =
        let leaves =
            [
                for kind in assembly.GetTypes() |> Seq.sortBy _.MetadataToken do
                    for property in kind.GetProperties(BindingFlags.Static ||| BindingFlags.Public) do
                        if property.IsDefined typeof<TestsAttribute> then
                            yield! ofProperty property
            ]

        let duplicates =
            leaves
            |> List.countBy _.fullName
            |> List.filter (fun (_, count) -> count > 1)
            |> List.map fst

        let doubt =
            [
                for name in duplicates -> failing $"{name} (twice)" (Exception "Two tests have this name.")
            ]

        let focused = leaves |> List.exists (fun leaf -> leaf.state = Focused)

        [
            for leaf in (leaves |> List.distinctBy _.fullName) @ doubt ->
                if focused && leaf.state = Normal then
                    { leaf with
                        test = Sync(fun () -> skiptest "another test is focused")
                    }
                elif leaf.state = Pending then
                    { leaf with
                        test = Sync(fun () -> skiptest "pending")
                    }
                else
                    leaf
        ]

    let private found = ConcurrentDictionary<Assembly, FlatTest list>()

    /// The leaves in reading order.
    let ofAssembly assembly : FlatTest list = found.GetOrAdd(assembly, find)

    /// Runs the leaf; an exception tells that it did not pass.
    let run (leaf: FlatTest) =
        match leaf.test with
        | Sync body -> async { body () }
        | Async body -> body
        | AsyncFsCheck(config, _, body) -> body (defaultArg config runnersConfig)
