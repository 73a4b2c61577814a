using System.Text;
using CpfPipeline.Labels;
using CpfPipeline.Learning.LabelledSets;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.LabelledSets;

public sealed class LabelledSetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_QuotedCellsBomAndOtherColumns_AreUnderstood()
    {
        var file = Write(
            "set",
            "\uFEFFlabel,\"Path\",note,SPLIT\r\n\"a, \"\"b\"\"\",1.png,\"two\r\nlines\",test\r\n\r\n\"a, "
                + "\"\"b\"\"\",2.png,,Test\r\nc,3.png,,test\r\nc,4.png,,test\r\n,5.png,,distractor\r\n");

        var set = LabelledSet.Read([file], LabelledSplit.Test);

        Assert.Equal(["a, \"b\"", "a, \"b\"", "c", "c"], set.Of(LabelledSplit.Test).Select(p => p.Class));
        var distractor = Assert.Single(set.Of(LabelledSplit.Distractor));
        Assert.Equal(("5.png", "", Path.Combine(_folder, "set", "5.png")), (distractor.Name, distractor.Label, distractor.Path));
        Assert.DoesNotContain(distractor.Class, set.Of(LabelledSplit.Test).Select(p => p.Class));
        Assert.Equal(2, set.ClassCount(LabelledSplit.Test));
    }

    [Fact]
    public void Read_NoValidationRows_TheHashRuleChooses()
    {
        var labels = Enumerable.Range(0, 60).Select(i => $"class {i}").ToList();
        var set = LabelledSet.Read([Write("set", Rows(labels, null))], LabelledSplit.Train, LabelledSplit.Validation);

        Assert.Equal(labels.Where(ClassSplit.IsCalibration), set.Of(LabelledSplit.Validation).Select(p => p.Label).Distinct());
        Assert.Equal(labels.Where(l => !ClassSplit.IsCalibration(l)), set.Of(LabelledSplit.Train).Select(p => p.Label).Distinct());
    }

    [Fact]
    public void Read_ValidationRows_TrainStaysWhole()
    {
        var rows = Rows(Enumerable.Range(0, 60).Select(i => $"class {i}"), "train")
            + "v1,val1.png,val\nv1,val2.png,val\nv2,val3.png,val\nv2,val4.png,val\n";
        var set = LabelledSet.Read([Write("set", rows)], LabelledSplit.Train, LabelledSplit.Validation);
        Assert.Equal((60, 2), (set.ClassCount(LabelledSplit.Train), set.ClassCount(LabelledSplit.Validation)));
    }

    [Fact]
    public void Read_SeveralFiles_EqualLabelsStayApartAndTheHashRuleLooksAtTheBareLabel()
    {
        var rows = Rows(Enumerable.Range(0, 30).Select(i => $"class {i}"), "train");
        var set = LabelledSet.Read([Write("one", rows), Write("two", rows)], LabelledSplit.Train);

        Assert.Equal(["one", "two"], set.Sets);
        Assert.Equal(60, set.Pictures.Select(p => p.Class).Distinct().Count());
        Assert.Contains("two/class 3", set.Pictures.Select(p => p.Class));
        Assert.All(set.Of(LabelledSplit.Validation), p => Assert.True(ClassSplit.IsCalibration(p.Label)));
    }

    [Fact]
    public void Read_FoldersOfOneName_AreDistinguished()
    {
        var rows = Rows(["a", "b"], "test");
        Assert.Equal(["x/data", "y/data"], LabelledSet.Read([Write("x/data", rows), Write("y/data", rows)], LabelledSplit.Test).Sets);
    }

    [Fact]
    public void Read_ManyFaults_AreAllReportedTogether()
    {
        var file = Write(
            "set",
            "label,path,split\na,1.png,tset\n,2.png,test\nb,3.png,test\nc,4.png,train\nc,5.png,test\n"
                + "d,6.png,test\nd,6.png,test\n\"e,7.png,test\n",
            touch: false);
        File.WriteAllText(Path.Combine(_folder, "set", "6.png"), "");

        var message = Assert.Throws<LabelsFileException>(
            () => LabelledSet.Read([file], LabelledSplit.Train, LabelledSplit.Validation, LabelledSplit.Test)).Message;

        Assert.Contains("unknown split: line 2 \"tset\"", message);
        Assert.Contains("no label: line 3", message);
        Assert.Contains("3 pictures are missing: 3.png (line 4), 4.png (line 5), 5.png (line 6)", message);
        Assert.Contains("listed twice: 6.png (line 7 and line 8)", message);
        Assert.Contains("only one picture: b (line 4)", message);
        Assert.Contains("c in train (line 5) and test (line 6)", message);
        Assert.Contains("no proper CSV: line 9", message);
    }

    [Fact]
    public void Read_ThousandMissing_MessageStaysShort()
    {
        var file = Write("set", Rows(Enumerable.Range(0, 1000).Select(i => $"class {i}"), "test"), touch: false);
        var message = Assert.Throws<LabelsFileException>(() => LabelledSet.Read([file], LabelledSplit.Test)).Message;
        Assert.Contains("2000 pictures are missing", message);
        Assert.Contains("and 1995 more", message);
        Assert.True(message.Length < 1000, message);
    }

    [Fact]
    public void Read_FaultsOfSplitsNotNeeded_DoNotMatter()
    {
        var file = Write("set", "label,path,split\na,1.png,test\na,2.png,test\nb,3.png,test\nb,4.png,test\n");
        File.AppendAllText(file, "t,gone.png,train\n");
        Assert.Equal(4, LabelledSet.Read([file], LabelledSplit.Test).Of(LabelledSplit.Test).Count);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("file,class\n1.png,a\n", "no columns path and label")]
    [InlineData("path,class\n1.png,a\n", "no column label")]
    [InlineData("\n\n", "is empty")]
    public void Read_NoHeader_SaysWhatItShouldBe(string text, string expected)
    {
        var file = Write("set", text, touch: false);
        var message = Assert.Throws<LabelsFileException>(() => LabelledSet.Read([file], LabelledSplit.Test)).Message;
        Assert.Contains(expected, message);
        Assert.Contains("path,label,split", message);
    }

    [Fact]
    public void Read_NoFile_NamesIt() => Assert.Contains(
        "nowhere.csv",
        Assert.Throws<LabelsFileException>(() => LabelledSet.Read([Path.Combine(_folder, "nowhere.csv")], LabelledSplit.Test)).Message);

    [Theory]
    [InlineData("Test", "no pictures to test on")]
    [InlineData("Validation", "no pictures to choose the threshold on")]
    public void Read_NothingLeft_SaysForWhat(string needed, string expected)
    {
        var train = Enumerable.Range(0, 50).Select(i => $"class {i}").Where(l => !ClassSplit.IsCalibration(l));
        var file = Write("set", Rows(train, "train"));
        Assert.Contains(
            expected, Assert.Throws<TooLittleDataException>(() => LabelledSet.Read([file], Enum.Parse<LabelledSplit>(needed))).Message);
    }

    [Fact]
    public void Read_OneClassWithDistractors_IsEnough()
    {
        var file = Write("set", "label,path,split\na,1.png,test\na,2.png,test\n,3.png,distractor\n");
        Assert.Equal(1, LabelledSet.Read([file], LabelledSplit.Test).ClassCount(LabelledSplit.Test));
    }

    private static string Rows(IEnumerable<string> labels, string? split)
    {
        var rows = labels.SelectMany((label, i) => new[] { (label, $"{i}a.png"), (label, $"{i}b.png") });
        return split is null
            ? "label,path\n" + string.Concat(rows.Select(r => $"{r.label},{r.Item2}\n"))
            : "label,path,split\n" + string.Concat(rows.Select(r => $"{r.label},{r.Item2},{split}\n"));
    }

    /// <summary>A labels file, and an empty file for every picture name in it.</summary>
    private string Write(string set, string text, bool touch = true)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, set)).FullName;
        var file = Path.Combine(folder, "labels.csv");
        File.WriteAllText(file, text, new UTF8Encoding(false));
        foreach (var name in touch ? text.Split([',', '\n', '\r', '"']).Where(t => t.EndsWith(".png", StringComparison.Ordinal)) : [])
        {
            File.WriteAllText(Path.Combine(folder, name), "");
        }

        return file;
    }
}
