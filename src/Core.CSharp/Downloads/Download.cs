using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using LongTail.Core.Files;

namespace LongTail.Core.Downloads;

/// <summary>A file that somebody publishes.</summary>
/// <param name="Length">In bytes; null where its publisher does not say.</param>
/// <param name="Checksum">
/// In lower-case hex: MD5 where it has 32 digits, SHA-256 where it has 64. null where nobody tells one: only a safetensors
/// file can go without, as its head says how long all of it is.
/// </param>
public sealed record PublishedFile(Uri Address, long? Length, string? Checksum)
{
    /// <summary>Looks into whole bytes for what makes them another thing than what is published; null where nothing does.</summary>
    internal Func<string, string?> Content { get; init; } = _ => null;

    internal bool Is(string path) => Fault(path) is null;

    /// <summary>What is wrong with the bytes of a file; null where they are the published ones.</summary>
    internal string? Fault(string path) => Damage(path) ?? Content(path);

    private string? Damage(string path)
    {
        if (Checksum is null)
            try
            {
                Safetensors.Read(path).Dispose();
                return null;
            }
            catch (InputException)
            {
                return "that are no whole safetensors file";
            }
        using var stream = File.OpenRead(path);
        var found = Convert.ToHexStringLower(
            Checksum.Length == 64 ? SHA256.HashData(stream) : MD5.HashData(stream)
        );
        return found == Checksum ? null : $"with the checksum {found}, not {Checksum}";
    }
}

/// <summary>
/// Fetches a file over HTTP into FILE.part, goes on where an earlier try stopped, and renames it when its bytes are the
/// published ones: at any moment there is the whole file or none.
/// </summary>
/// <param name="pause">Before the first new try; it grows with every one that brings nothing.</param>
/// <param name="silence">Of the server after which a try has failed.</param>
public sealed class Download(HttpClient client, TimeSpan pause, TimeSpan silence)
{
    /// <summary>Tries in a row that bring nothing before it gives up.</summary>
    private const int Patience = 5;

    /// <param name="target">Where it belongs; a file of these bytes that is there already is kept.</param>
    /// <param name="progress">Hears how many of the bytes are here.</param>
    /// <exception cref="InputException">The server does not give the published bytes; says what it gives.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what is here is kept for the next try.</exception>
    public void Fetch(
        PublishedFile file,
        string target,
        Action<long> progress,
        CancellationToken cancellation
    )
    {
        if (File.Exists(target) && file.Is(target))
            return;
        var part = target + ".part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            // Pieces may be of two versions: then all of it is fetched again, once.
            var inherited = File.Exists(part);
            var requests = FetchPart(file, part, progress, cancellation);
            if ((inherited || requests > 1) && !file.Is(part))
            {
                File.Delete(part);
                FetchPart(file, part, progress, cancellation);
            }
            if (file.Fault(part) is { } fault)
            {
                var length = Here(part);
                File.Delete(part);
                throw new InputException(
                    $"{file.Address} gave {length} bytes {fault}: nothing is kept; try again, or give another address by --from"
                );
            }
            File.Move(part, target, overwrite: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw Writing.Fault(target, e);
        }
    }

    /// <summary>Gives how many requests it took.</summary>
    private int FetchPart(
        PublishedFile file,
        string part,
        Action<long> progress,
        CancellationToken cancellation
    )
    {
        var (requests, failures) = (0, 0);
        var length = file.Length;
        long? told = null;
        while (Here(part) is var before && before != length)
        {
            cancellation.ThrowIfCancellationRequested();
            if (before > length)
                File.Delete(part);
            string trouble;
            requests++;
            try
            {
                trouble = Continue(file, part, ref length, ref told, progress, cancellation);
            }
            catch (Exception e)
                when (e is HttpRequestException or HttpIOException or OperationCanceledException
                    && !cancellation.IsCancellationRequested
                )
            {
                trouble = e is OperationCanceledException ? "the server is silent" : e.Message;
            }
            failures = Here(part) > before ? 0 : failures + 1;
            if (Here(part) == length)
                break;
            if (failures == Patience)
            {
                var here = Here(part);
                if (here == told)
                    File.Delete(part);
                throw new InputException(
                    here == told
                        ? $"{file.Address} has {told} bytes, the published file {length}: it is another one; give its --checksum, or another address by --from"
                    : here == 0
                        ? $"{file.Address}: {trouble}: is the address right? --from gives another"
                    : $"{file.Address}: {trouble}; {here}{(length is null ? "" : $" of {length}")} bytes are here and kept: the same command goes on from there"
                );
            }
            cancellation.WaitHandle.WaitOne(pause * failures);
        }
        return requests;
    }

    /// <summary>One request for what is missing; gives what ended it.</summary>
    /// <param name="told">How long the server says that the whole file is.</param>
    private string Continue(
        PublishedFile file,
        string part,
        ref long? length,
        ref long? told,
        Action<long> progress,
        CancellationToken cancellation
    )
    {
        var here = Here(part);
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Address);
        if (here > 0)
            request.Headers.Range = new RangeHeaderValue(here, null);
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        quiet.CancelAfter(silence);
        using var response = client.Send(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            quiet.Token
        );
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            length ??= response.Content.Headers.ContentRange?.Length;
            return $"the server has nothing behind byte {here}";
        }
        if (!response.IsSuccessStatusCode)
            return $"the server says {(int)response.StatusCode} {response.ReasonPhrase}";
        var resumed =
            response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == here;
        told = resumed
            ? response.Content.Headers.ContentRange?.Length
            : response.Content.Headers.ContentLength;
        length ??= told;
        using var source = response.Content.ReadAsStream(quiet.Token);
        using var sink = new FileStream(part, resumed ? FileMode.Append : FileMode.Create);
        var buffer = new byte[1 << 16];
        while (true)
        {
            quiet.CancelAfter(silence);
            var count = source.ReadAsync(buffer, quiet.Token).AsTask().GetAwaiter().GetResult();
            if (count == 0)
            {
                // Where nobody says how long it is, it is as long as it came.
                length ??= sink.Position;
                return "the connection ended early";
            }
            if (sink.Position + count > length)
            {
                sink.SetLength(0);
                throw new InputException(
                    $"{file.Address} gives more than its {length} bytes: nothing is kept; give another address by --from"
                );
            }
            sink.Write(buffer, 0, count);
            progress(sink.Position);
        }
    }

    private static long Here(string part) => File.Exists(part) ? new FileInfo(part).Length : 0;
}
