using OnCell.Index.Tests;
using OnCell.Index.Tests.Indexing;

// The generated entry point, plus: started with a certain variable, this program indexes instead, to be killed.
return Environment.GetEnvironmentVariable(IndexingChild.Variable) is { } root
    ? await IndexingChild.RunAsync(root)
    : await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
        args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
