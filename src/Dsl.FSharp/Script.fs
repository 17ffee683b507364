namespace LongTail

open System
open System.IO
open LongTail.Core.Interop

/// What a script says after its experiments.
[<AutoOpen>]
module Scripts =
    /// Fsi tells nobody that a script has come to its end, but for the end of the process.
    let private ofFsi =
        lazy
            (let said = ResizeArray()

             let perform () =
                 try
                     Performing.perform (Session.current ()) (List.ofSeq said)
                 with e ->
                     eprintfn $"{TorchFault.Text(e.GetBaseException())}"
                     1

             // A script that failed, or ended itself with another code, is not done.
             AppDomain.CurrentDomain.ProcessExit.Add(fun _ ->
                 if Environment.ExitCode = 0 then
                     Environment.ExitCode <- perform ())

             said)

    let private say request =
        let session = Session.current ()

        match session.Hear, session.Script with
        | Some hear, _ -> hear request
        | None, Some _ -> ofFsi.Value.Add request
        | None, None ->
            match Performing.perform session [ request ] with
            | 0 -> ()
            | code -> exit code

    /// The file that --weights names, or else this one.
    let weightsOr file =
        match (Session.current ()).Given.TryGetResult Argument.Weights with
        // A person names it from the folder that they are in.
        | Some named when Path.Exists named -> Path.GetFullPath named
        | named -> named |> Option.defaultValue file

    /// Whether --small asks for the script's small form.
    let small () =
        (Session.current ()).Given.Contains Argument.Small

    /// Runs what the store lacks of the sweep and shows its table, once the script has come to its end. What makes no sense
    /// anywhere in the script is told before anything runs.
    let run sweep = say (Run sweep)

    /// Shows what the sweep's results say to these questions, and in a sentence what they support.
    let differences (contrasts: Contrast list) sweep = say (Differences(contrasts, sweep))

    /// Shows a published table and the sweep's own numbers beside it.
    let beside published sweep = say (Beside(published, sweep))

    /// Writes the backbone that a finished run trained: a safetensors file with timm's names. The card says in its
    /// metadata what it is and where it comes from.
    let saveBackbone file (card: (string * string) list) sweep = say (SaveBackbone(file, card, sweep))
