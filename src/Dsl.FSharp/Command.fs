namespace LongTail

/// What the program can be asked for, as its help tells it.
type Command =
    {
        Name: string
        /// What stands behind the name.
        Words: string
        Summary: string
        /// Cases of `Argument`.
        Options: string list
        Example: string
    }

module Command =
    let private chosen =
        [
            nameof Argument.Store
            nameof Argument.Data
            nameof Argument.Weights
            nameof Argument.Small
            nameof Argument.Only
            nameof Argument.Where
        ]

    let private placed =
        [ nameof Argument.Device; nameof Argument.Workers; nameof Argument.Threads ]

    let private command name words summary options example =
        {
            Name = name
            Words = words
            Summary = summary
            Options = options
            Example = example
        }

    let all =
        [
            command
                "plan"
                "SCRIPT"
                "lists a script's runs and what they cost"
                (placed @ chosen @ [ nameof Argument.All; nameof Argument.Json ])
                "longtail plan experiments/quickstart.fsx --workers 2"
            command
                "run"
                "SCRIPT"
                "runs what the store lacks and shows the table"
                (placed
                 @ chosen
                 @ [
                     nameof Argument.Dry_Run
                     nameof Argument.Stop_At_First
                     nameof Argument.Retry
                 ])
                "longtail run experiments/quickstart.fsx --where optimizer=gnm"
            command
                "check"
                "SCRIPT"
                "holds results against the script's ranges"
                chosen
                "longtail check experiments/quickstart.fsx"
            command
                "status"
                "[STORE|SCRIPT]"
                "says how each run stands"
                (chosen @ [ nameof Argument.Json ])
                "longtail status runs"
            command
                "verify"
                "[STORE|SCRIPT]"
                "holds all bytes of finished runs against their digests"
                chosen
                "longtail verify runs"
            command
                "show"
                "HASH"
                "shows one run: settings, result, environment"
                [ nameof Argument.Store; nameof Argument.Json ]
                "longtail show 3f2a"
            command
                "diff"
                "HASH HASH"
                "shows what differs between two runs"
                [ nameof Argument.Store; nameof Argument.All ]
                "longtail diff 3f2a 90bc"
            command
                "export"
                "FORMAT [STORE|SCRIPT]"
                "writes results as csv, json, md or latex"
                chosen
                "longtail export md experiments/quickstart.fsx > table.md"
            command
                "report"
                "[STORE|SCRIPT]"
                "writes results as one page, or as Markdown, and shows who won"
                (chosen @ [ nameof Argument.Baseline; nameof Argument.Out ])
                "longtail report experiments/quickstart.fsx --baseline optimizer=sgd"
            command
                "gc"
                "[STORE|SCRIPT]"
                "lists dead runs, and with --yes removes them"
                (chosen @ [ nameof Argument.Checkpoints; nameof Argument.Yes ])
                "longtail gc runs --checkpoints --yes"
            command
                "data"
                "get|check|show NAME|LIST|FOLDER"
                "fetches, checks or shows a data set"
                [
                    nameof Argument.Data
                    nameof Argument.From
                    nameof Argument.Checksum
                    nameof Argument.Decode
                    nameof Argument.Threads
                    nameof Argument.Out
                ]
                "longtail data get cifar100 --data ~/data"
            command
                "weights"
                "[get NAME | show FILE]"
                "lists, fetches or shows weights of backbones"
                [ nameof Argument.From; nameof Argument.Checksum; nameof Argument.Out ]
                "longtail weights get vit_base_patch16_224.augreg_in21k"
            command
                "doctor"
                ""
                "says what is here, what is missing, how to get it"
                [
                    nameof Argument.Device
                    nameof Argument.Threads
                    nameof Argument.Data
                    nameof Argument.Weights
                ]
                "longtail doctor --data ~/data"
            command
                "bench"
                "SCRIPT"
                "times a step of each kind at its real batch"
                ([ nameof Argument.Device; nameof Argument.Threads ] @ chosen)
                "longtail bench experiments/cifar100-lt.fsx --small"
            command
                "surface"
                "SCRIPT"
                "measures the loss around finished runs' values"
                ([ nameof Argument.Device; nameof Argument.Threads ] @ chosen)
                "longtail surface experiments/quickstart.fsx --where loss=CE"
            command
                "compile"
                "SCRIPT..."
                "compiles scripts ahead of their first use"
                []
                "longtail compile experiments/*.fsx"
        ]

    let named name =
        all |> List.tryFind (fun c -> c.Name = name)

    /// What fsi does with a script.
    let run = all |> List.find (fun c -> c.Name = "run")

    /// What stands behind the command's name, in words.
    let about command =
        if command.Words = "" then
            "nothing but options"
        else
            command.Words

    let private columns (rows: (string * string) list) =
        let width = rows |> List.map (fst >> _.Length) |> List.fold max 0
        rows |> List.map (fun (left, right) -> $"  {left.PadRight width}  {right}")

    let help command =
        [
            $"longtail {command.Name} {command.Words}".TrimEnd()
            + (if command.Options.IsEmpty then "" else " [OPTIONS]")
            $"{command.Summary}."
            ""
            if not command.Options.IsEmpty then
                yield! columns (command.Options |> List.map (fun option -> Arguments.explained.Value[option]))
                ""
            $"Example: {command.Example}"
        ]
        |> String.concat "\n"

    /// The program's own help: the commands, a line each.
    let overview () =
        [
            "longtail COMMAND ...: experiments in long-tailed visual recognition, planned, run once and kept."
            ""
            yield! columns (all |> List.map (fun c -> $"{c.Name} {c.Words}".TrimEnd(), c.Summary))
            ""
            "`longtail COMMAND --help` lists a command's options; `longtail --version` says which this is."
            "Example: longtail plan experiments/quickstart.fsx"
        ]
        |> String.concat "\n"

    /// What was said behind a command, or in one line what the command does not take; None where help was asked for.
    let read command words =
        let takes argument =
            List.contains (Arguments.case argument) (nameof Argument.Word :: command.Options)

        match Arguments.read command.Options words with
        | Ok(Some given) ->
            let said = given.GetAllResults()

            match said |> List.tryFind (takes >> not), said |> List.tryFind Arguments.isBlank with
            | Some other, _ -> Error $"takes no {Arguments.written other}"
            | None, Some(Argument.Word _) -> Error $"an empty word says nothing: it takes {about command}"
            | None, Some option ->
                let whole, _ = Arguments.explained.Value[Arguments.case option]
                Error $"{Arguments.written option} says nothing: give {whole}, or leave it out"
            | None, None -> Ok(Some given)
        | other -> other
        |> Result.mapError (fun fault ->
            $"longtail {command.Name}: {fault}; `longtail {command.Name} --help` lists what can be said")
