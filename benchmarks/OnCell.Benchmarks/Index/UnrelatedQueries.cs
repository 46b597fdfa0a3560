namespace OnCell.Benchmarks.Index;

/// <summary>Questions that a repository of server software has no answer to.</summary>
internal static class UnrelatedQueries
{
    public static IReadOnlyList<RetrievalQuery> All { get; } =
    [
        .. """
           how are texture atlases packed for the sprite renderer
           gravity and collision response of rigid bodies
           bluetooth pairing with a heart rate monitor
           interpolate keyframes of a skeletal animation
           decode jpeg huffman coefficients
           tax calculation for invoices in foreign currency
           matchmaking of players by skill rating
           solve sparse linear systems with conjugate gradient
           pitch shifting of audio samples
           layout of bidirectional arabic text
           detect faces in a camera frame
           route a vehicle between warehouses
           backpropagation through convolution layers
           train timetable import from gtfs
           drag and drop of calendar appointments
           geofence notifications on entering a region
           subtitle tracks of a video player
           barcode scanner for inventory labels
           chess move generation with bitboards
           weather radar tiles on a map
           """.Split('\n').Select(q => new RetrievalQuery(q, [], "unrelated")),
    ];
}
