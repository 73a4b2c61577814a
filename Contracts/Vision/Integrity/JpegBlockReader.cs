namespace CpfPipeline.Vision.Integrity;

/// <summary>Follows the codes of one block (T.81 F.2.2 sequential, G.1.2 progressive).</summary>
internal sealed class JpegBlockReader(JpegScan scan, bool progressive)
{
    private const int RunOf16 = 15;

    private int _endOfBandRun;

    public void Restart() => _endOfBandRun = 0;

    public bool HasTables(JpegScanComponent component, JpegHuffman?[] tables)
    {
        var dc = scan.First == 0 && scan.HighBit == 0;
        var ac = scan.Last > 0;
        return (!dc || Dc(component, tables) is not null) && (!ac || Ac(component, tables) is not null);
    }

    /// <param name="component">The component whose block it is.</param>
    /// <param name="tables">DC tables 0-3, AC tables 4-7.</param>
    /// <param name="bits">Where to read.</param>
    /// <param name="sent">Bit k is set when coefficient k of the block is known not to be zero; of use to progressive files.</param>
    /// <returns>False when the bits are not a code.</returns>
    public bool Read(JpegScanComponent component, JpegHuffman?[] tables, ref JpegBits bits, ref ulong sent)
    {
        if (!progressive)
        {
            return Dc(component, tables)!.SkipFirst(ref bits) && Ac(component, tables)!.SkipCoefficients(ref bits);
        }

        if (scan.First == 0)
        {
            if (scan.HighBit == 0)
            {
                return Dc(component, tables)!.SkipFirst(ref bits);
            }

            bits.Bits(1);
            return true;
        }

        return scan.HighBit == 0
            ? ReadFirstAc(Ac(component, tables)!, ref bits, ref sent)
            : Refine(Ac(component, tables)!, ref bits, ref sent);
    }

    private static JpegHuffman? Dc(JpegScanComponent component, JpegHuffman?[] tables) => tables[component.DcTable];

    private static JpegHuffman? Ac(JpegScanComponent component, JpegHuffman?[] tables) => tables[4 + component.AcTable];

    private bool ReadFirstAc(JpegHuffman table, ref JpegBits bits, ref ulong sent)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return true;
        }

        for (var k = scan.First; k <= scan.Last; k++)
        {
            var code = table.Read(ref bits);
            if (code < 0)
            {
                return false;
            }

            var (run, size) = (code >> 4, code & 15);
            if (size == 0 && run != RunOf16)
            {
                _endOfBandRun = (1 << run) - 1 + bits.Bits(run);
                break;
            }

            k += run;
            if (size > 0 && k < 64)
            {
                bits.Bits(size);
                sent |= 1UL << k;
            }
        }

        return true;
    }

    private bool Refine(JpegHuffman table, ref JpegBits bits, ref ulong sent)
    {
        var k = scan.First;
        for (; _endOfBandRun == 0 && k <= scan.Last; k++)
        {
            var code = table.Read(ref bits);
            if (code < 0)
            {
                return false;
            }

            var (run, size) = (code >> 4, code & 15);
            if (size == 0 && run != RunOf16)
            {
                _endOfBandRun = (1 << run) + bits.Bits(run);
                break;
            }

            if (size > 0)
            {
                bits.Bits(1);
            }

            // Over coefficients that are known, each with a bit of correction, and over as many zeros as the run says.
            for (; k <= scan.Last; k++)
            {
                if ((sent >> k & 1) != 0)
                {
                    bits.Bits(1);
                }
                else if (--run < 0)
                {
                    break;
                }
            }

            if (size > 0 && k < 64)
            {
                sent |= 1UL << k;
            }
        }

        if (_endOfBandRun > 0)
        {
            for (; k <= scan.Last; k++)
            {
                if ((sent >> k & 1) != 0)
                {
                    bits.Bits(1);
                }
            }

            _endOfBandRun--;
        }

        return true;
    }
}
