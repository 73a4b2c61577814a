using CpfPipeline.Vision.Decoders;

return DecoderHost.Run(args);
