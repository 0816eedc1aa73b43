{
  # Builds native/build/Release/naij.node from source/. Only Linux has what it calls; elsewhere nothing is built.
  'targets': [
    {
      'target_name': 'naij',
      'conditions': [
        [
          'OS=="linux"',
          {
            'sources': [
              'source/addon.cc',
              'source/allocate.cc',
              'source/arguments.cc',
              'source/failure.cc',
              'source/flock.cc',
              'source/idle.cc',
              'source/listen.cc',
              'source/map.cc',
              'source/notify.cc',
              'source/read.cc',
            ],
            'defines': ['NAPI_VERSION=8', '_GNU_SOURCE', '_FILE_OFFSET_BITS=64'],
            'cflags!': ['-O3', '-Wno-unused-parameter'],
            'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
            'cflags_cc': [
              '-std=c++17',
              '-O2',
              '-Wall',
              '-Wextra',
              '-fvisibility=hidden',
              '-fno-exceptions',
              '-fno-rtti',
            ],
          },
          { 'type': 'none' },
        ],
      ],
    },
    {
      # Over V8 itself, so that it is of one version of Node: naij_engine.node.
      'target_name': 'naij_engine',
      'conditions': [
        [
          'OS=="linux"',
          {
            'sources': [
              'source/engine/addon.cc',
              'source/engine/answers-addon.cc',
              'source/engine/answers.cc',
              'source/engine/gather-addon.cc',
              'source/engine/gather.cc',
              'source/engine/heads.cc',
              'source/engine/pipe.cc',
              'source/engine/replay/addon.cc',
              'source/engine/replay/files.cc',
              'source/engine/replay/give.cc',
              'source/engine/replay/head.cc',
              'source/engine/replay/lesson.cc',
              'source/engine/replay/lines.cc',
              'source/engine/replay/replay.cc',
              'source/engine/replay/rest.cc',
              'source/engine/replay/table.cc',
              'source/engine/replay/teach.cc',
              'source/engine/replay/usockets.cc',
              'source/engine/send.cc',
              'source/engine/slots.cc',
            ],
            'cflags_cc': ['-O2', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-cast-function-type', '-fvisibility=hidden'],
          },
          { 'type': 'none' },
        ],
      ],
    },
  ],
}
