// Each test is a service with sandboxes, some with a language model: side by side they would take each other's time, and that of
// the projects tested beside this one.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
