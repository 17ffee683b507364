namespace LongTail

open System
open LongTail.Core

[<AutoOpen>]
module Mendables =
    /// What a person can mend, in the words that say how.
    let (|Mendable|_|) (e: exn) =
        match e.GetBaseException() with
        | :? InputException
        | :? DllNotFoundException as mendable -> Some mendable.Message
        | _ -> None
