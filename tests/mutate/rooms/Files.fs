module LongTail.Tests.Mutation.Files

let private file name = "src/Core.CSharp/Files/" + name

let defects =
    [
        {
            Name = "a file is written in its place"
            File = file "WholeFile.cs"
            Changes = [ ("""path + ".part";""", "path;") ]
            CaughtBy = "a write that fails leaves the old file"
        }
        {
            Name = "a view is written as it lies in memory"
            File = file "SafetensorsWriter.cs"
            Changes = [ (".cpu().contiguous().bytes", ".cpu().bytes") ]
            CaughtBy = "a tensor that is a view"
        }
        {
            Name = "data starts anywhere"
            File = file "SafetensorsWriter.cs"
            Changes = [ ("(json.Length + 7) / 8 * 8", "json.Length") ]
            CaughtBy = "what was written is read"
        }
        {
            Name = "tensors stand in the order given"
            File = file "SafetensorsWriter.cs"
            Changes = [ (".ThenBy(pair => pair.Key, StringComparer.Ordinal)", "") ]
            CaughtBy = "what was written is read"
        }
        {
            Name = "tensors may overlap"
            File = file "SafetensorsHeader.cs"
            Changes = [ ("entry.Begin < position", "entry.Begin < 0") ]
            CaughtBy = "is refused, with file and tensor,"
        }
        {
            Name = "data may have a hole"
            File = file "SafetensorsHeader.cs"
            Changes = [ ("entry.Begin > position", "entry.Begin > length") ]
            CaughtBy = "is refused, with file and tensor,"
        }
        {
            Name = "bytes may follow the data"
            File = file "SafetensorsHeader.cs"
            Changes = [ ("position != length", "position > length && position < 0") ]
            CaughtBy = "is refused, with file and tensor,"
        }
        {
            Name = "a size of 0 hides an overflow"
            File = file "SafetensorsHeader.cs"
            Changes = [ ("n * Math.Max(size, 1)", "n * size") ]
            CaughtBy = "an overflow hidden behind a size of 0"
        }
        {
            Name = "a tensor of another shape passes"
            File = file "ExpectedTensors.cs"
            Changes = [ ("""("other shape", [.. reshaped])""", """("other shape", [])""") ]
            CaughtBy = "a file that is another model's is refused with all that differs"
        }
        {
            Name = "without a checksum half a file is whole"
            File = "src/Core.CSharp/Downloads/Download.cs"
            Changes = [ ("""return "that are no whole safetensors file";""", "return null;") ]
            CaughtBy = "that end early where nobody tells their length are refused"
        }
        {
            Name = "nobody listens to the checksum that a server tells"
            File = "src/Core.CSharp/Downloads/PublishedWeights.cs"
            Changes = [ ("checksum ?? ToldChecksum(address, cancellation)", "checksum") ]
            CaughtBy = "of another checksum than the server tells are refused"
        }
        {
            Name = "another model passes under a name"
            File = "src/Core.CSharp/Downloads/PublishedWeights.cs"
            Changes = [ ("{ Content = OtherModel }", "") ]
            CaughtBy = "of another model are refused, and stay under no name"
        }
        {
            Name = "weights overwrite another file"
            File = "src/Core.CSharp/Downloads/PublishedWeights.cs"
            Changes = [ ("if (File.Exists(target) && !file.Is(target))", "if (false)") ]
            CaughtBy = "do not overwrite another file, nor certify it"
        }
    ]
