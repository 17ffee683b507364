namespace LongTail.Commands

open System
open System.Net.Http
open System.Threading
open LongTail.Core
open LongTail.Core.Downloads

/// What `data get` and `weights get` share.
module internal Fetching =
    /// Hands the body a downloader that does not mind how long a file takes, only how long a server is silent.
    let by body =
        use client = new HttpClient(Timeout = Timeout.InfiniteTimeSpan)
        body (Download(client, TimeSpan.FromSeconds 1., TimeSpan.FromMinutes 1.))

    /// What --from says.
    let address (what: string) (text: string) =
        match Uri.TryCreate(text, UriKind.Absolute) with
        | true, NonNull address when address.Scheme.StartsWith "http" -> address
        | _ -> raise (InputException $"--from {text}: is no http address of {what}")

    /// What --checksum says.
    let sum (text: string) =
        if (text.Length = 32 || text.Length = 64) && Seq.forall Char.IsAsciiHexDigit text then
            text.ToLowerInvariant()
        else
            raise (InputException $"--checksum {text}: give 32 hex digits of MD5, or 64 of SHA-256")
