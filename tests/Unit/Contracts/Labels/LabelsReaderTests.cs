using System.Text;
using CpfPipeline.Labels;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Labels;

public sealed class LabelsReaderTests
{
    private const string File = "/set/labels.csv";

    private readonly LabelsReader _reader = new();

    [Theory]
    [InlineData("path,label,split\na/1.jpg,P,val\n")]
    [InlineData("\n\nSplit,note, PATH ,Label\r\nVAL,x,\"a/1.jpg\",P\r\n")]
    [InlineData("path;label;split\na/1.jpg;P;val\n")]
    [InlineData("path\tlabel\tsplit\na/1.jpg\tP\tval\n")]
    [InlineData("path,label,split,note\na/1.jpg, P ,val,\"two\nlines\"\n")]
    [InlineData("path,label,split\na/1.jpg,P,val")]
    [InlineData("\n\npath;label;split\na/1.jpg;P;val\n")]
    [InlineData("path,label,split,sizes;colours\na/1.jpg,P,val,\n")]
    [InlineData("path,label,split,note\na/1.jpg,P,val")]
    public void Read_OneRow_IsUnderstood(string text)
    {
        var row = Assert.Single(Read(text));
        Assert.Equal(("/set/a/1.jpg", "a/1.jpg", "P", LabelledSplit.Validation), (row.Path, row.Name, row.Label, row.Split));
        Assert.False(_reader.Faults.Any);
    }

    [Theory]
    [InlineData("path,split,label\na/1.jpg,distractor\n", "", LabelledSplit.Distractor)]
    [InlineData("path,split,label\na/1.jpg,distractor", "", LabelledSplit.Distractor)]
    [InlineData("path,label,split\na/1.jpg,P", "P", LabelledSplit.Train)]
    public void Read_WhatMayBeLeftOutIsNotThere_IsUnderstood(string text, string label, LabelledSplit split)
    {
        var row = Assert.Single(Read(text));
        Assert.Equal(("a/1.jpg", label, split), (row.Name, row.Label, row.Split));
        Assert.False(_reader.Faults.Any);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Read_ByteOrderMark_NamesTheEncoding(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("path,label,split\n1.jpg,Müller\n")];
        Assert.Equal("Müller", Assert.Single(Read(bytes)).Label);
        Assert.False(_reader.Faults.Any);
    }

    [Theory]
    [InlineData("1.jpg,\"P\n", "1 lines are no proper CSV: line 3")]
    [InlineData("1.jpg,\"P\n2.jpg,Q\"\n", "1 lines are no proper CSV: line 3")]
    [InlineData("1.jpg,\"P\"x,test\n", "1 lines are no proper CSV: line 3")]
    [InlineData("1.jpg,P,test,more\n", "1 lines are no proper CSV: line 3")]
    [InlineData("1.jpg\n", "1 lines are no proper CSV: line 3")]
    [InlineData("1.jpg,P,tset\n", "1 lines have an unknown split: line 3 \"tset\"")]
    [InlineData(",P,test\n", "1 lines have no path: line 3")]
    [InlineData("1\0.jpg,P,test\n", "1 lines hold bytes that are no text: line 3")]
    [InlineData("1.jpg", "1 lines are cut short by the end of the file: line 3")]
    [InlineData("1.jpg,P,test\n./x/../1.jpg,P,test\n", "1 pictures are listed twice: ./x/../1.jpg (line 3 and line 4)")]
    [InlineData("0.jpg,P,test\n", "1 pictures are listed twice: 0.jpg (line 2 and line 3)")]
    public void Read_Fault_IsListedWithItsLineAndTheOtherRowsStay(string rows, string expected)
    {
        Assert.Contains("0.jpg", Read($"path,label,split\n0.jpg,A,test\n{rows}").Select(r => r.Name));
        var message = Assert.Throws<LabelsFileException>(() => _reader.Faults.ThrowIfAny(File)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty; its first line must name the columns: path,label,split")]
    [InlineData("\n\n", "is empty; its first line must name the columns: path,label,split")]
    [InlineData("label,split\nP,val\n", "has no column path; its first line is \"label,split\"")]
    [InlineData("path;split\n1.jpg;val\n", "has no column label; its first line is \"path;split\"")]
    [InlineData("1.jpg,P,val\n", "has no columns path and label; its first line is \"1.jpg,P,val\"")]
    public void Read_ColumnsAreNotNamed_IsRefused(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<LabelsFileException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_FirstLineIsLong_IsShownInPart()
    {
        var message = Assert.Throws<LabelsFileException>(() => Read(new string('x', 500))).Message;
        Assert.Contains($"\"{new string('x', 77)}...\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Read_LastLineLacksItsSplitButEnds_IsARow(string end)
    {
        var rows = Read($"path,label,split{end}0.jpg,{new string('P', 70_000)},test{end}1.jpg,Q{end}");
        Assert.Equal(["0.jpg", "1.jpg"], rows.Select(r => r.Name));
        Assert.False(_reader.Faults.Any);
    }

    [Fact]
    public void Read_NamesThatDifferInCase_AreDifferentPictures()
    {
        Assert.Equal(2, Read("path,label\n1.jpg,P\n1.JPG,P\n").Count);
        Assert.False(_reader.Faults.Any);
    }

    [Fact]
    public void Read_BytesOfAnotherEncoding_AreAFault()
    {
        Assert.Empty(Read([.. "path,label\n1.jpg,M"u8, 0xFC, .. "ller\n"u8]));
        Assert.True(_reader.Faults.Any);
    }

    [Fact]
    public void Read_SecondFileWithAPictureOfTheFirst_IsAFaultThatNamesBothSets()
    {
        _reader.Read(File, () => new MemoryStream(Encoding.UTF8.GetBytes("path,label\n1.jpg,P\n")), "one");
        Assert.Empty(_reader.Read("/set/more.csv", () => new MemoryStream(Encoding.UTF8.GetBytes("path,label\n1.jpg,P\n")), "two"));
        Assert.Contains(
            "1.jpg (one line 2 and two line 2)", Assert.Throws<LabelsFileException>(() => _reader.Faults.ThrowIfAny(File)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_QuoteLeftOpenInALongFile_IsRefusedWithoutReadingAllOfIt()
    {
        var text = "path,label\n1.jpg,\"P\n" + string.Concat(Enumerable.Repeat("2.jpg,Q\n", 200_000));
        Assert.Contains("a quote is left open", Assert.Throws<LabelsFileException>(() => Read(text)).Message, StringComparison.Ordinal);
    }

    private List<LabelsRow> Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private List<LabelsRow> Read(byte[] bytes) => _reader.Read(File, () => new MemoryStream(bytes));
}
