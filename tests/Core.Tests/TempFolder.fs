/// Folders that a test makes its files in.
module LongTail.Tests.TempFolder

open System
open System.IO

/// Runs the body with the path of a new folder, which is removed afterwards.
let inTempFolder (body: string -> 'a) =
    let folder = Directory.CreateTempSubdirectory("longtail-").FullName

    try
        body folder
    finally
        Directory.Delete(folder, recursive = true)

/// The message of the InputException that the body must end in; any other end fails the test.
let inputError (body: unit -> 'a) : string =
    match
        (try
            Choice1Of2(body ())
         with :? LongTail.Core.InputException as error ->
             Choice2Of2 error.Message)
    with
    | Choice2Of2 message -> message
    | Choice1Of2 value ->
        (box value
         |> Option.ofObj
         |> Option.iter (function
             | :? IDisposable as resource -> resource.Dispose()
             | _ -> ()))

        Expecto.Tests.failtest "An InputException was expected, and there was none."
