/// A server over plain sockets that does whatever a test wants: HTTP libraries refuse to lie.
module LongTail.Tests.Server

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks

/// What the server does with a request that starts at this byte, if it asks for a range.
type Reply =
    {
        Status: string
        Headers: string list
        Body: byte array
    }

/// Answers one request after another by this rule.
let serving (rule: int -> int64 option -> Reply) body =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    use stop = new CancellationTokenSource()
    let ranges = List<int64 option>()

    let answer (client: TcpClient) =
        use client = client
        use stream = client.GetStream()
        use reader = new StreamReader(stream, Encoding.ASCII)

        let head =
            Seq.initInfinite (fun _ -> reader.ReadLine())
            |> Seq.takeWhile (String.IsNullOrEmpty >> not)
            |> List.ofSeq

        let range =
            head
            |> List.tryPick (fun line ->
                if (string line).StartsWith "Range: bytes=" then
                    Some(int64 ((string line).Substring(13).TrimEnd '-'))
                else
                    None)

        let reply = rule ranges.Count range
        ranges.Add range

        let text =
            [ $"HTTP/1.1 {reply.Status}"; "Connection: close" ] @ reply.Headers @ [ ""; "" ]
            |> String.concat "\r\n"

        stream.Write(Encoding.ASCII.GetBytes text)
        stream.Write reply.Body

    let rec serve () =
        task {
            let! client = listener.AcceptTcpClientAsync stop.Token

            try
                answer client
            with :? IOException ->
                // The other side has hung up.
                ()

            return! serve ()
        }

    let server = Task.Run(fun () -> serve () :> Task)
    let port = (listener.LocalEndpoint :?> IPEndPoint).Port

    try
        body (Uri $"http://127.0.0.1:{port}/") ranges
    finally
        stop.Cancel()

        try
            server.Wait()
        with :? AggregateException ->
            ()

let whole (bytes: byte array) =
    {
        Status = "200 OK"
        Headers = [ $"Content-Length: {bytes.Length}" ]
        Body = bytes
    }

let rest (bytes: byte array) (from: int64) =
    {
        Status = "206 Partial Content"
        Headers =
            [
                $"Content-Length: {bytes.Length - int from}"
                $"Content-Range: bytes {from}-{bytes.Length - 1}/{bytes.Length}"
            ]
        Body = bytes[int from ..]
    }

let honest bytes range =
    match range with
    | Some from -> rest bytes from
    | None -> whole bytes

/// Tells the truth about its length and hangs up after so many bytes.
let cut count reply =
    { reply with
        Body = Array.truncate count reply.Body
    }
