namespace LongTail

open System
open LongTail.Core
open LongTail.Core.Files

[<AutoOpen>]
module Mendables =
    /// What a person can mend, in the words that say how.
    let (|Mendable|_|) (e: exn) =
        match e.GetBaseException() with
        | :? InputException
        | :? DllNotFoundException as mendable -> Some mendable.Message
        | other ->
            Writing.Reason other
            |> Option.ofObj
            |> Option.map (fun reason -> $"{other.Message.TrimEnd '.'}: {reason}")
