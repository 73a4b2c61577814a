using CpfPipeline.Tests.DecoderProbe;
using CpfPipeline.Vision.Decoders;

// A decoder's process that does what a picture asks of it: what strangers' code would do if it got in.
// With the word "parent" it is a process that has such processes, and waits to be killed.
return args is ["parent", var program] ? Parent.Run(program) : DecoderHost.Run(args, new Deeds().Do);
