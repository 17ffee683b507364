/// What tests demand. The message says what should hold and is always the last argument.
[<RequireQualifiedAccess>]
module Expecto.Expect

open System
open System.Text.RegularExpressions

let private fail message found =
    raise (AssertException $"{message}. {found}")

let private demand holds message (found: unit -> string) =
    if not holds then
        fail message (found ())

let private compared actual expected =
    $"Expected: %A{expected}\nActual:   %A{actual}"

let equal (actual: 'a) (expected: 'a) message =
    demand (actual = expected) message (fun () -> compared actual expected)

let notEqual (actual: 'a) (expected: 'a) message =
    demand (actual <> expected) message (fun () -> $"Both are %A{actual}.")

let isTrue actual message =
    demand actual message (fun () -> "Expected true, was false.")

let isFalse actual message =
    demand (not actual) message (fun () -> "Expected false, was true.")

let isLessThan a b message =
    demand (a < b) message (fun () -> $"%A{a} is not less than %A{b}.")

let isLessThanOrEqual a b message =
    demand (a <= b) message (fun () -> $"%A{a} is greater than %A{b}.")

let isGreaterThan a b message =
    demand (a > b) message (fun () -> $"%A{a} is not greater than %A{b}.")

let isGreaterThanOrEqual a b message =
    demand (a >= b) message (fun () -> $"%A{a} is less than %A{b}.")

let floatClose accuracy (actual: float) (expected: float) message =
    demand (Accuracy.close accuracy actual expected) message (fun () ->
        $"Expected %.17g{expected}, was %.17g{actual}: off by %g{abs (actual - expected)}, allowed {accuracy}.")

let floatLessThanOrClose accuracy (actual: float) (expected: float) message =
    demand (actual < expected || Accuracy.close accuracy actual expected) message (fun () ->
        $"%.17g{actual} is greater than %.17g{expected} by more than {accuracy} allows.")

let floatGreaterThanOrClose accuracy (actual: float) (expected: float) message =
    demand (actual > expected || Accuracy.close accuracy actual expected) message (fun () ->
        $"%.17g{actual} is less than %.17g{expected} by more than {accuracy} allows.")

let isNaN (actual: float) message =
    demand (Double.IsNaN actual) message (fun () -> $"%g{actual} is a number.")

let isNotNaN (actual: float) message =
    demand (not (Double.IsNaN actual)) message (fun () -> "Was NaN.")

let isNotInfinity (actual: float) message =
    demand (not (Double.IsInfinity actual)) message (fun () -> $"Was %g{actual}.")

let wantSome (value: 'a option) message =
    match value with
    | Some inner -> inner
    | None -> fail message "Expected Some, was None."

let isSome (value: 'a option) message = wantSome value message |> ignore

let isNone (value: 'a option) message =
    demand value.IsNone message (fun () -> $"Expected None, was %A{value}.")

let wantOk (value: Result<'a, 'b>) message =
    match value with
    | Ok inner -> inner
    | Error error -> fail message $"Expected Ok, was Error %A{error}."

let isOk (value: Result<'a, 'b>) message = wantOk value message |> ignore

let wantError (value: Result<'a, 'b>) message =
    match value with
    | Error error -> error
    | Ok inner -> fail message $"Expected Error, was Ok %A{inner}."

let isError (value: Result<'a, 'b>) message = wantError value message |> ignore

let isNull (value: 'a when 'a: null) message =
    demand (isNull value) message (fun () -> $"Expected null, was %A{value}.")

let isNotNull (value: 'a when 'a: null) message =
    demand (not (Object.ReferenceEquals(value, null))) message (fun () -> "Was null.")

let private thrownBy (f: unit -> unit) =
    try
        f ()
        None
    with error ->
        Some error

let throws f message =
    demand (thrownBy f).IsSome message (fun () -> "Expected an exception, none was thrown.")

let throwsT<'texn when 'texn :> exn> f message =
    match thrownBy f with
    | Some(:? 'texn) -> ()
    | Some other -> fail message $"Expected {typeof<'texn>.FullName}, was {other}"
    | None -> fail message $"Expected {typeof<'texn>.FullName}, none was thrown."

/// Hands the exception to `cont` and gives what that gives.
let throwsC f (cont: exn -> 'a) =
    match thrownBy f with
    | Some error -> cont error
    | None -> fail "f should throw" "Expected an exception, none was thrown."

let isEmpty (actual: 'a seq) message =
    demand (Seq.isEmpty actual) message (fun () -> $"Expected nothing, was %A{actual}.")

let isNonEmpty (actual: 'a seq) message =
    demand (not (Seq.isEmpty actual)) message (fun () -> "Was empty.")

let isNotEmpty (actual: string) message =
    demand (actual <> "") message (fun () -> "Was empty.")

let isNotWhitespace (actual: string) message =
    demand (not (String.IsNullOrWhiteSpace actual)) message (fun () -> "Was blank.")

let hasLength (sequence: 'a seq) expectedLength message =
    let length = Seq.length sequence

    demand (length = expectedLength) message (fun () ->
        $"Expected {expectedLength} items, were {length}: %A{sequence}.")

let hasCountOf (actual: 'a seq) (expected: uint32) selector message =
    let count = actual |> Seq.filter selector |> Seq.length
    demand (uint32 count = expected) message (fun () -> $"Expected {expected} such items, were {count} in %A{actual}.")

let contains (sequence: 'a seq) element message =
    demand (Seq.contains element sequence) message (fun () -> $"%A{element} is not in %A{sequence}.")

let containsAll (actual: 'a seq) (expected: 'a seq) message =
    let missing =
        expected
        |> Seq.filter (fun item -> not (Seq.contains item actual))
        |> List.ofSeq

    demand missing.IsEmpty message (fun () -> $"%A{missing} are not in %A{actual}.")

let sequenceEqual (actual: 'a seq) (expected: 'a seq) message =
    let actual, expected = Array.ofSeq actual, Array.ofSeq expected

    match Seq.zip actual expected |> Seq.tryFindIndex (fun (a, e) -> a <> e) with
    | Some index -> fail message $"Different at position {index}.\n{compared actual[index] expected[index]}"
    | None ->
        demand (actual.Length = expected.Length) message (fun () ->
            $"Expected {expected.Length} items, were {actual.Length}.")

let sequenceStarts (subject: 'a seq) (prefix: 'a seq) message =
    sequenceEqual (Seq.truncate (Seq.length prefix) subject) prefix message

let all (actual: 'a seq) asserter message =
    match actual |> Seq.tryFindIndex (asserter >> not) with
    | Some index -> fail message $"Does not hold for item {index}, %A{Seq.item index actual}."
    | None -> ()

let exists (actual: 'a seq) asserter message =
    demand (Seq.exists asserter actual) message (fun () -> $"Holds for no item of %A{actual}.")

let allEqual (actual: 'a seq) equalTo message =
    match actual |> Seq.tryFindIndex (fun item -> item <> equalTo) with
    | Some index -> fail message $"Item {index} differs.\n{compared (Seq.item index actual) equalTo}"
    | None -> ()

let private ordered inOrder word (subject: 'a seq) message =
    match subject |> Seq.pairwise |> Seq.tryFindIndex (inOrder >> not) with
    | Some index -> fail message $"Not {word} at position {index}: %A{Seq.item index (Seq.pairwise subject)}."
    | None -> ()

let isAscending (subject: 'a seq) message =
    ordered (fun (a, b) -> a <= b) "ascending" subject message

let isDescending (subject: 'a seq) message =
    ordered (fun (a, b) -> a >= b) "descending" subject message

let stringContains (subject: string) (part: string) message =
    demand (subject.Contains(part, StringComparison.Ordinal)) message (fun () -> $"\"{part}\" is not in \"{subject}\".")

let stringStarts (subject: string) (part: string) message =
    demand (subject.StartsWith(part, StringComparison.Ordinal)) message (fun () ->
        $"\"{subject}\" does not start with \"{part}\".")

let stringEnds (subject: string) (part: string) message =
    demand (subject.EndsWith(part, StringComparison.Ordinal)) message (fun () ->
        $"\"{subject}\" does not end with \"{part}\".")

let stringHasLength (subject: string) length message =
    demand (subject.Length = length) message (fun () -> $"\"{subject}\" has {subject.Length} characters, not {length}.")

let isMatch (actual: string) (pattern: string) message =
    demand (Regex.IsMatch(actual, pattern)) message (fun () -> $"\"{actual}\" does not match {pattern}.")

let isNotMatch (actual: string) (pattern: string) message =
    demand (not (Regex.IsMatch(actual, pattern))) message (fun () -> $"\"{actual}\" matches {pattern}.")
