using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Runtime;
using CpfPipeline.Hosting;

NativeHeap.Limit();
return await ServiceProgram.RunAsync("Embedder", args, () => EmbedderService.Build(args));
