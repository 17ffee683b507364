/// The stand-in for Expecto has to fail where Expecto fails: every other test leans on it.
module LongTail.Tests.ExpectoTests

open Expecto
open Expecto.Xunit

let private leaf test =
    Test.toTestCodeList test |> List.exactlyOne

let private messageOf test =
    match leaf test |> Leaves.run |> Async.Catch |> Async.RunSynchronously with
    | Choice1Of2() -> None
    | Choice2Of2 error -> Some error.Message

let private fails name demand =
    testCase name (fun () -> Expect.throwsT<AssertException> (fun () -> demand "it holds") name)

[<Tests>]
let tests =
    testList
        "stand-in for Expecto"
        [
            testCase "a leaf is named by all labels that lead to it" (fun () ->
                let tree = testList "a" [ testList "b" [ testCase "c" ignore ] ]
                Expect.equal (leaf tree).fullName "a.b.c" "full name")

            testCase "a pending list makes its leaves pending, also focused ones" (fun () ->
                Expect.equal (leaf (ptestList "a" [ ftestCase "b" ignore ])).state Pending "state")

            testCase "a focused list focuses its leaves" (fun () ->
                Expect.equal (leaf (ftestList "a" [ testCase "b" ignore ])).state Focused "state")

            testCase "a false property fails with its minimal case and the line that replays it" (fun () ->
                let property = testProperty "small" (fun (x: int) -> x < 5)
                let message = Expect.wantSome (messageOf property) "the property fails"
                Expect.stringContains message "shrunk" "tells that it shrank"
                Expect.stringContains message "\n5\n" "the minimal case"
                Expect.isMatch message @"etestProperty \(\d+UL, \d+UL, Some \d+\) ""small""" "the line")

            testCase "a replayed property generates the same cases" (fun () ->
                let seen = ResizeArray<int list>()
                let replay = Some(14891342919456170887UL, 10022156514461315259UL, None)

                let config =
                    { FsCheckConfig.defaultConfig with
                        replay = replay
                        maxTest = 20
                    }

                let property = testPropertyWithConfig config "p" (fun (x: int list) -> seen.Add x)
                Expect.isNone (messageOf property) "passes"
                let first = List.ofSeq seen
                seen.Clear()
                Expect.isNone (messageOf property) "passes again"
                Expect.sequenceEqual seen first "cases")

            testCase "a property checks as many cases as its configuration says" (fun () ->
                let mutable count = 0

                let config =
                    { FsCheckConfig.defaultConfig with
                        maxTest = 17
                    }

                let property =
                    testPropertyWithConfig config "p" (fun (_: int) -> count <- count + 1)

                Expect.isNone (messageOf property) "passes"
                Expect.equal count 17 "cases")

            testCase "a skip inside a property skips the test" (fun () ->
                let property = testProperty "p" (fun (_: int) -> skiptest "no data here")
                Expect.equal (messageOf property) (Some "no data here") "reason")

            testList
                "fails where it must:"
                [
                    fails "equal" (Expect.equal 1 2)
                    fails "notEqual" (Expect.notEqual 1 1)
                    fails "isTrue" (Expect.isTrue false)
                    fails "isFalse" (Expect.isFalse true)
                    fails "isLessThan" (Expect.isLessThan 1 1)
                    fails "isLessThanOrEqual" (Expect.isLessThanOrEqual 2 1)
                    fails "isGreaterThan" (Expect.isGreaterThan 1 1)
                    fails "isGreaterThanOrEqual" (Expect.isGreaterThanOrEqual 1 2)
                    fails "isLessThan on NaN" (Expect.isLessThan nan 1.0)
                    fails "isGreaterThan on NaN" (Expect.isGreaterThan nan 1.0)
                    fails "floatClose" (Expect.floatClose Accuracy.high 1.0 1.00001)
                    fails "floatClose on NaN" (Expect.floatClose Accuracy.low nan 1.0)
                    fails "floatClose on infinity" (Expect.floatClose Accuracy.low infinity 1.0)
                    fails "isSome" (Expect.isSome (None: int option))
                    fails "isNone" (Expect.isNone (Some 1))
                    fails "isOk" (Expect.isOk (Error 1: Result<int, int>))
                    fails "isError" (Expect.isError (Ok 1: Result<int, int>))
                    fails "throws" (Expect.throws ignore)
                    fails
                        "throwsT on another exception"
                        (Expect.throwsT<System.ArgumentException>(fun () -> failwith "other"))
                    fails "hasLength" (Expect.hasLength [ 1 ] 2)
                    fails "isEmpty" (Expect.isEmpty [ 1 ])
                    fails "isNonEmpty" (Expect.isNonEmpty ([]: int list))
                    fails "contains" (Expect.contains [ 1 ] 2)
                    fails "containsAll" (Expect.containsAll [ 1 ] [ 1; 2 ])
                    fails "sequenceEqual on another item" (Expect.sequenceEqual [ 1; 2 ] [ 1; 3 ])
                    fails "sequenceEqual on a shorter one" (Expect.sequenceEqual [ 1 ] [ 1; 2 ])
                    fails "sequenceStarts on a shorter one" (Expect.sequenceStarts [ 1 ] [ 1; 2 ])
                    fails "all" (Expect.all [ 1; 2 ] (fun x -> x < 2))
                    fails "allEqual" (Expect.allEqual [ 1; 2 ] 1)
                    fails "exists" (Expect.exists [ 1 ] (fun x -> x > 1))
                    fails "isAscending" (Expect.isAscending [ 2; 1 ])
                    fails "isDescending" (Expect.isDescending [ 1; 2 ])
                    fails "stringContains" (Expect.stringContains "abc" "d")
                    fails "stringStarts" (Expect.stringStarts "abc" "b")
                    fails "stringEnds" (Expect.stringEnds "abc" "b")
                    fails "isMatch" (Expect.isMatch "abc" "^b")
                    fails "isNotMatch" (Expect.isNotMatch "abc" "b")
                ]
        ]
