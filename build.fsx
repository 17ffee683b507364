/// The one door of the house: `dotnet fsi build.fsx TARGET`.
open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions

Directory.SetCurrentDirectory __SOURCE_DIRECTORY__

/// What a person can mend: said in one line, ends with exit code 2.
exception Trouble of string

let sh step (command: string) (arguments: string list) =
    let log = Path.Combine("build", "logs", step + ".log")
    Directory.CreateDirectory(Path.GetDirectoryName log) |> ignore

    let start =
        ProcessStartInfo(command, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

    use child = Process.Start start
    let error = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    File.WriteAllText(log, output + error.Result)

    if child.ExitCode <> 0 then
        eprintf "%s" (File.ReadAllText log)
        raise (Trouble $"{step}: `{command} {String.Join(' ', arguments)}` failed")

let private packagesIn pattern file =
    [
        if File.Exists file then
            for line in File.ReadLines file do
                let m = Regex.Match(line, pattern)

                if m.Success then
                    m.Groups[1].Value, m.Groups[2].Value
    ]

let restore () =
    let wanted = packagesIn @"^nuget (\S+) (\S+)" "paket.dependencies"
    let locked = packagesIn @"^    (\S+) \(([^)]+)\)$" "paket.lock"
    let upToDate = wanted |> List.forall (fun package -> List.contains package locked)
    let project = Path.Combine("build", "feed", "feed.csproj")
    Directory.CreateDirectory(Path.GetDirectoryName project) |> ignore
    File.WriteAllText("build/feed/Directory.Build.props", "<Project />")
    File.WriteAllText("build/feed/Directory.Build.targets", "<Project />")

    let references =
        [
            for name, version in (if upToDate then locked else wanted) ->
                $"""<PackageReference Include="{name}" Version="{version}" />"""
        ]
        |> String.concat "\n"

    File.WriteAllText(
        project,
        $"""<Project Sdk="Microsoft.NET.Sdk">
<PropertyGroup>
<TargetFramework>net10.0</TargetFramework>
<RestoreEnablePackagePruning>false</RestoreEnablePackagePruning>
</PropertyGroup>
<ItemGroup>
{references}
</ItemGroup>
</Project>"""
    )

    sh "tools" "dotnet" [ "tool"; "restore" ]
    sh "feed" "dotnet" [ "restore"; project; "--packages"; "feed-packages" ]

    if not upToDate then
        sh "resolve" "dotnet" [ "paket"; "update"; "--no-install" ]

    sh "restore" "dotnet" [ "paket"; "restore" ]

restore ()
