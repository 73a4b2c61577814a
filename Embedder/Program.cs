using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Runtime;

NativeHeap.Limit();
await using var app = EmbedderService.Build(args);
await app.RunAsync();
